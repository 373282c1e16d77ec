import Foundation

/// Finds programs that are installed.
enum Program {
    /// Where servers lie that are no commands for everybody.
    private static let more = ["/usr/sbin", "/usr/local/sbin", "/opt/homebrew/bin"]

    /// The full path of a program; nil where it is not installed.
    static func path(of name: String) -> String? {
        let path = ProcessInfo.processInfo.environment["PATH"] ?? ""
        return (path.split(separator: ":").map(String.init) + more)
            .map { "\($0)/\(name)" }
            .first { FileManager.default.isExecutableFile(atPath: $0) }
    }
}
