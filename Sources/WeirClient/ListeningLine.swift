/// Finds the address in what a server prints once it answers.
package enum ListeningLine {
    private static let marker = " is listening on "

    /// `http://127.0.0.1:41235` out of `weir is listening on http://127.0.0.1:41235`.
    ///
    /// Nil while the line is not there or not complete.
    package static func address(in output: String) -> String? {
        // The part after the last newline may be half a line.
        for line in output.split(separator: "\n", omittingEmptySubsequences: false).dropLast() {
            guard let found = line.firstRange(of: marker) else { continue }
            let address = line[found.upperBound...].prefix { !$0.isWhitespace }
            if address.hasPrefix("http") { return String(address) }
        }
        return nil
    }
}
