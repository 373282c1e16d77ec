/// How a client speaks TLS.
public struct RedisTLS: Sendable, Hashable {
    /// What is checked of a server's certificate.
    public enum Verification: String, Sendable, CaseIterable {
        /// That an authority we trust signed it, and that it is for the host we connected to.
        case full
        /// That an authority we trust signed it, for whichever host.
        case ca
        /// Nothing: whoever can redirect the connection can read it.
        case none
    }

    /// The file with the authorities to trust, in PEM; nil for those of the system.
    public var authorityFile: String?
    /// The file with the certificate by which this client shows who it is, in PEM.
    public var certificateFile: String?
    /// The file with the key of that certificate, in PEM.
    public var keyFile: String?
    /// What is checked.
    public var verification = Verification.full

    /// Creates the usual settings: the system's authorities, and no certificate of our own.
    public init() {}
}
