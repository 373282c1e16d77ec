/// Says when changed certificate files are to be read: decides, and does nothing itself.
///
/// Two files can't be replaced at once; a change is taken up when a second look finds it settled.
struct CertificateWatch {
    typealias Stamps = [FileStamp]

    /// The stamps that were read last, whether they could be used or not.
    private var known: Stamps
    private var seen: Stamps

    init(_ stamps: Stamps) {
        known = stamps
        seen = stamps
    }

    /// Takes a look at the files.
    ///
    /// - Returns: whether they are to be read now.
    mutating func look(_ stamps: Stamps) -> Bool {
        defer { seen = stamps }
        guard stamps != known, stamps == seen else { return false }
        known = stamps
        return true
    }
}
