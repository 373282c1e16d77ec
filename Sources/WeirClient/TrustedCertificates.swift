import NIOSSL

/// Certificates of a PEM file that a client trusts, besides those of the system.
package struct TrustedCertificates: Sendable {
    let configuration: TLSConfiguration

    /// Reads the file.
    ///
    /// Throws ``ServerFailure`` when there is no certificate in it.
    package init(path: String) throws {
        let certificates: [NIOSSLCertificate]
        do {
            certificates = try NIOSSLCertificate.fromPEMFile(path)
        } catch {
            throw ServerFailure("cannot read a PEM certificate from \(path)")
        }
        guard !certificates.isEmpty else {
            throw ServerFailure("there is no PEM certificate in \(path)")
        }
        var configuration = TLSConfiguration.makeClientConfiguration()
        configuration.additionalTrustRoots = [.certificates(certificates)]
        self.configuration = configuration
    }
}
