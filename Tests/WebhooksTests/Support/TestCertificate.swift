import Foundation
import NIOSSL

/// A self-signed certificate, made by the `openssl` of this machine.
struct TestCertificate {
    let certificate: NIOSSLCertificate
    private let key: NIOSSLPrivateKey

    static let openssl = ChildProgram.path(of: "openssl", purpose: "TLS of webhooks")

    /// A certificate for names such as `DNS:hooks.test` and `IP:127.0.0.1`.
    init(_ names: String) async throws {
        let folder = FileManager.default.temporaryDirectory
            .appendingPathComponent("weir-test-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let (keyPath, path) = (folder.path + "/test.key", folder.path + "/test.crt")
        try await ChildProgram.run(
            Self.openssl ?? "openssl",
            [
                "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1",
                "-nodes", "-keyout", keyPath, "-out", path, "-days", "2", "-subj", "/CN=test",
                "-addext", "subjectAltName=\(names)",
            ])
        guard let certificate = try NIOSSLCertificate.fromPEMFile(path).first else {
            throw ChildProgram.Failure(description: "openssl made no certificate")
        }
        self.certificate = certificate
        key = try NIOSSLPrivateKey(file: keyPath, format: .pem)
    }

    /// What a server with this certificate needs.
    var server: TLSConfiguration {
        .makeServerConfiguration(
            certificateChain: [.certificate(certificate)], privateKey: .privateKey(key))
    }
}
