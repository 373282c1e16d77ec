import Foundation
import NIOSSL

/// Self-signed certificates for 127.0.0.1, made by the `openssl` of this machine.
enum Certificates {
    /// The program that makes them.
    static let openssl = InstalledProgram(name: "openssl", purpose: "TLS of the server")

    /// A certificate and its key as files.
    struct Pair {
        let certificatePath: String
        let keyPath: String

        /// The certificate as it is to be seen by clients.
        var certificate: NIOSSLCertificate? {
            try? NIOSSLCertificate.fromPEMFile(certificatePath).first
        }

        /// Puts these files in the place of another pair's.
        func replace(_ other: Pair) throws {
            for (from, to) in [
                (certificatePath, other.certificatePath), (keyPath, other.keyPath),
            ] {
                let data = try Data(contentsOf: URL(fileURLWithPath: from))
                try data.write(to: URL(fileURLWithPath: to), options: .atomic)
            }
        }
    }

    static func make(_ name: String, in folder: String) async throws -> Pair {
        let pair = Pair(
            certificatePath: "\(folder)/\(name).crt", keyPath: "\(folder)/\(name).key")
        let arguments = [
            "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes",
            "-keyout", pair.keyPath, "-out", pair.certificatePath, "-days", "2",
            "-subj", "/CN=\(name)", "-addext", "subjectAltName=IP:127.0.0.1",
        ]
        try await ChildCommand.run(executable: openssl.path ?? "openssl", arguments) { command in
            guard try await command.exitStatus() == 0 else {
                throw ChildCommand.Failure(description: command.errors)
            }
        }
        return pair
    }
}
