import EmbeddedNode
import Foundation
import NIOSSL

/// A certificate chain and its private key as PEM files.
struct CertificateFiles: Hashable, Sendable {
    let certificate: String
    let key: String

    /// Reads the files and sees that they belong together.
    ///
    /// - Throws: ``StartFailure`` that names the file.
    func load() throws(StartFailure) -> NIOSSLContext {
        let certificates = try read(certificate, .tlsCertificate, "a certificate") { bytes in
            try NIOSSLCertificate.fromPEMBytes(bytes)
        }
        guard !certificates.isEmpty else {
            throw unusable(certificate, .tlsCertificate, "a certificate")
        }
        let privateKey = try read(key, .tlsKey, "a private key without a passphrase") { bytes in
            try NIOSSLPrivateKey(bytes: bytes, format: .pem)
        }
        var configuration = TLSConfiguration.makeServerConfiguration(
            certificateChain: certificates.map { .certificate($0) },
            privateKey: .privateKey(privateKey))
        configuration.minimumTLSVersion = .tlsv12
        configuration.applicationProtocols = ["http/1.1"]
        do {
            return try NIOSSLContext(configuration: configuration)
        } catch {
            throw StartFailure(
                "the key \(key) does not belong to the certificate \(certificate); set "
                    + "\(Setting.tlsKey.description) and \(Setting.tlsCertificate.description) "
                    + "to a pair, with the server's own certificate first")
        }
    }

    /// What the files look like from outside.
    func stamps() -> CertificateWatch.Stamps {
        [certificate, key].map(FileStamp.init(path:))
    }

    private func read<Value>(
        _ path: String,
        _ setting: Setting,
        _ what: String,
        _ parse: ([UInt8]) throws -> Value
    ) throws(StartFailure) -> Value {
        guard let data = FileManager.default.contents(atPath: path) else {
            throw StartFailure(
                "\(path) of \(setting.description) can't be read; see that it is there and that "
                    + "the server has the right to")
        }
        do {
            return try parse(Array(data))
        } catch {
            throw unusable(path, setting, what)
        }
    }

    private func unusable(_ path: String, _ setting: Setting, _ what: String) -> StartFailure {
        StartFailure("\(path) of \(setting.description) must hold \(what) in PEM form")
    }
}
