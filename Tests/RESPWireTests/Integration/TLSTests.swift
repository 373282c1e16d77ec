import Foundation
import RESPWire
import Testing

extension IntegrationTests {
    @Suite(.enabled(if: InstalledPrograms.has("openssl", for: "TLS")))
    struct TLS {
        /// Makes an authority, and by it certificates for a name and for a client.
        private static func certificates(_ name: String, in folder: String) throws {
            try InstalledPrograms.run(
                "openssl",
                [
                    "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1",
                    "-nodes", "-keyout", "\(folder)/ca.key", "-out", "\(folder)/ca.crt",
                    "-days", "2", "-subj", "/CN=authority",
                ])
            for (file, names) in [("server", name), ("client", "DNS:client")] {
                try InstalledPrograms.run(
                    "openssl",
                    [
                        "req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1",
                        "-nodes", "-keyout", "\(folder)/\(file).key",
                        "-out", "\(folder)/\(file).csr", "-subj", "/CN=\(file)",
                    ])
                try Data("subjectAltName=\(names)\n".utf8)
                    .write(to: URL(fileURLWithPath: "\(folder)/\(file).ext"))
                try InstalledPrograms.run(
                    "openssl",
                    [
                        "x509", "-req", "-in", "\(folder)/\(file).csr", "-CA", "\(folder)/ca.crt",
                        "-CAkey", "\(folder)/ca.key", "-CAcreateserial", "-days", "2",
                        "-extfile", "\(folder)/\(file).ext", "-out", "\(folder)/\(file).crt",
                    ])
            }
        }

        private func with(
            _ name: String, clients: String = "no", _ body: (RedisServer) async throws -> Void
        ) async throws {
            try await RedisServer.with(
                hasTLS: true,
                prepare: { folder, _ in
                    try Self.certificates(name, in: folder)
                    return [
                        "--tls-cert-file", "\(folder)/server.crt",
                        "--tls-key-file", "\(folder)/server.key",
                        "--tls-ca-cert-file", "\(folder)/ca.crt", "--tls-auth-clients", clients,
                    ]
                }, body)
        }

        /// Nil when a command succeeds.
        private func refusal(_ url: String) async throws -> String? {
            try await TestClient.with(RedisConfiguration(url: url)) { test in
                await failure {
                    try await test.send(RESPCommand("PING"), timeout: .seconds(20))
                }?
                .message
            }
        }

        @Test("the right name is accepted, as a name and as an address")
        func rightName() async throws {
            try await with("DNS:localhost,IP:127.0.0.1") { server in
                for host in ["localhost", "127.0.0.1"] {
                    let url = "rediss://\(host):\(server.port)?ca=\(server.folder)/ca.crt"
                    let message = try await refusal(url)
                    #expect(message == nil, "\(host)")
                }
            }
        }

        @Test("another name is refused in words, unless names are not looked at")
        func wrongName() async throws {
            try await with("DNS:elsewhere") { server in
                for host in ["localhost", "127.0.0.1"] {
                    let url = "rediss://\(host):\(server.port)?ca=\(server.folder)/ca.crt"
                    let at = "\(host):\(server.port)"
                    let message = try await refusal(url)
                    #expect(
                        message == "the certificate of Redis at \(at) is not for the host \(host)")
                    let unnamed = try await refusal(url + "&verify=ca")
                    #expect(unnamed == nil)
                }
            }
        }

        @Test("an authority we do not trust is refused, unless nothing is looked at")
        func wrongAuthority() async throws {
            try await with("DNS:localhost") { server in
                let url = "rediss://localhost:\(server.port)"
                let message = try await refusal(url)
                #expect(
                    message?.contains("signed by no authority we trust") == true, "\(message ?? "")"
                )
                #expect(try await refusal(url + "?verify=none") == nil)
            }
        }

        @Test("a client shows its certificate where one is wanted")
        func clientCertificate() async throws {
            try await with("DNS:localhost", clients: "yes") { server in
                let url = "rediss://localhost:\(server.port)?ca=\(server.folder)/ca.crt"
                let without = try await refusal(url)
                #expect(without != nil)
                let files = "&cert=\(server.folder)/client.crt&key=\(server.folder)/client.key"
                let with = try await refusal(url + files)
                #expect(with == nil)
            }
        }

        @Test("TLS towards a server without, and the reverse, are told in words")
        func mismatch() async throws {
            try await with("DNS:localhost") { server in
                let plain = try await refusal("redis://localhost:\(server.port)")
                #expect(plain?.contains("perhaps it expects TLS") == true, "\(plain ?? "")")
            }
            try await RedisServer.with { server in
                let secure = try await refusal("rediss://localhost:\(server.port)")
                #expect(secure?.contains("does not speak TLS") == true, "\(secure ?? "")")
            }
        }

        @Test("a file that is missing is named")
        func missingFile() throws {
            let error = #expect(throws: RedisConfigurationError.self) {
                try TestClient(RedisConfiguration(url: "rediss://h?ca=/nowhere.pem"))
            }
            #expect(error?.message.contains("/nowhere.pem") == true)
        }
    }
}
