import Foundation
import Logging
import NIOCore
import QuotaNode
import Testing

@testable import WeirServer

@Suite("configuration")
struct ConfigurationTests {
    private let folder: TemporaryFolder

    init() throws {
        folder = try TemporaryFolder()
    }

    private func file(_ text: String) throws -> String {
        let path = folder.path + "/weir.yaml"
        try text.write(toFile: path, atomically: true, encoding: .utf8)
        return path
    }

    private func read(
        _ arguments: [String: String] = [:],
        environment: [String: String] = [:],
        yaml: String = "drain_seconds: 0\n"
    ) async throws -> ServerConfiguration {
        try await ServerConfiguration(
            arguments: arguments, environment: environment, file: try file(yaml))
    }

    /// The error that a file or an environment gives; empty when there is none.
    private func failure(
        yaml: String = "drain_seconds: 0\n",
        environment: [String: String] = [:]
    ) async throws -> String {
        do {
            _ = try await read(environment: environment, yaml: yaml)
            return ""
        } catch let error as ConfigurationError {
            return error.description
        }
    }

    @Test("without anything the defaults of the design hold")
    func defaults() async throws {
        for configuration in [
            try await read(),
            try await ServerConfiguration(arguments: [:], environment: [:], file: nil),
        ] {
            #expect(configuration.host == "127.0.0.1")
            #expect(configuration.port == 8080)
            #expect(configuration.adminPort == nil)
            #expect(configuration.adminHost == "127.0.0.1")
            #expect(configuration.tlsCertificate == nil)
            #expect(configuration.tlsKey == nil)
            #expect(configuration.limits.headerTimeout == .seconds(10))
            #expect(configuration.limits.bodyTimeout == .seconds(30))
            #expect(configuration.limits.idleTimeout == .seconds(75))
            #expect(configuration.limits.maximumHeaderBytes == 32_768)
            #expect(configuration.limits.maximumConnections == 10_000)
            #expect(configuration.dataFolder == "./weir-data")
            #expect(configuration.adminToken == nil)
            #expect(configuration.verifyIntervalSeconds == 3_600)
            #expect(configuration.logLevel == .info)
            #expect(configuration.node.cacheTTLNanoseconds == 60_000_000_000)
            #expect(configuration.node.cacheSize == 10_000)
            #expect(configuration.node.isEnforced)
            #expect(configuration.node.createsTenants)
            #expect(configuration.node.idempotencyWindowNanoseconds == 86_400_000_000_000)
        }
    }

    @Test("the command line wins over the environment, that over the file, that over the default")
    func precedence() async throws {
        let yaml = "port: 1001\nhost: file.example\nlog_level: debug\n"
        let environment = ["WEIR_PORT": "1002", "WEIR_HOST": "environment.example"]
        let all = try await read(["port": "1003"], environment: environment, yaml: yaml)
        #expect(all.port == 1003)
        #expect(all.host == "environment.example")
        #expect(all.logLevel == .debug)
        #expect(all.drainSeconds == 0)
        #expect(try await read(environment: environment, yaml: yaml).port == 1002)
        #expect(try await read(yaml: yaml).port == 1001)
        #expect(try await read(["port": "1003"]).port == 1003)
    }

    @Test("the three old names keep their meaning, in the environment and in the file")
    func oldNames() async throws {
        let fromEnvironment = try await read(environment: [
            "QUOTA_CACHE_TTL": "30", "QUOTA_CACHE_SIZE": "500", "ENABLE_REDIS_QUOTA": "false",
        ])
        let fromFile = try await read(
            yaml: "quota_cache_ttl: 30\nquota_cache_size: 500\nenable_redis_quota: false\n")
        for configuration in [fromEnvironment, fromFile] {
            #expect(configuration.node.cacheTTLNanoseconds == 30_000_000_000)
            #expect(configuration.node.cacheSize == 500)
            #expect(!configuration.node.isEnforced)
        }
        let both = try await read(
            environment: ["ENABLE_REDIS_QUOTA": "true", "QUOTA_CACHE_SIZE": "600"],
            yaml: "quota_cache_size: 500\nenable_redis_quota: false\n")
        #expect(both.node.isEnforced)
        #expect(both.node.cacheSize == 600)
    }

    @Test("the other settings are read from both")
    func others() async throws {
        let configuration = try await read(
            environment: [
                "WEIR_DATA": "/srv/weir", "WEIR_ADMIN_TOKEN": "0123456789abcdef",
                "WEIR_AUTO_CREATE_TENANTS": "false",
            ],
            yaml:
                "archive_days: 400\ndrain_seconds: 5\nidempotency_hours: 48\nidempotency_maximum: 1000\n"
        )
        #expect(configuration.dataFolder == "/srv/weir")
        #expect(configuration.adminToken == "0123456789abcdef")
        #expect(!configuration.node.createsTenants)
        #expect(configuration.drainSeconds == 5)
        #expect(configuration.node.idempotencyWindowNanoseconds == 172_800_000_000_000)
        #expect(configuration.node.archiveDays == 400)
        #expect(configuration.node.maximumAnswers == 1000)
    }

    @Test("the listeners' settings are read from everywhere")
    func listeners() async throws {
        let configuration = try await read(
            ["admin_port": "9901", "tls_cert": "/tls/chain.pem"],
            environment: [
                "WEIR_TLS_KEY": "/tls/key.pem", "WEIR_ADMIN_HOST": "::1",
                "WEIR_MAXIMUM_CONNECTIONS": "50",
            ],
            yaml: "header_timeout_seconds: 5\nbody_timeout_seconds: 7\n")
        #expect(configuration.adminPort == 9901)
        #expect(configuration.adminHost == "::1")
        #expect(configuration.tlsCertificate == "/tls/chain.pem")
        #expect(configuration.tlsKey == "/tls/key.pem")
        #expect(configuration.limits.maximumConnections == 50)
        #expect(configuration.limits.headerTimeout == .seconds(5))
        #expect(configuration.limits.bodyTimeout == .seconds(7))
    }

    @Test(
        "a setting that needs another one names it",
        arguments: [
            ("tls_cert: a.pem", "tls_key"), ("tls_key: a.pem", "tls_cert"),
            ("admin_host: 127.0.0.1", "admin_port"),
        ])
    func incomplete(yaml: String, missing: String) async throws {
        let message = try await failure(yaml: yaml)
        #expect(message.contains("needs \(missing) "), "\(message)")
    }

    @Test(
        "a file without settings is as good as none", arguments: ["", "\n", "# port: 1\n", "---\n"])
    func emptyFile(yaml: String) async throws {
        let configuration = try await read(environment: ["WEIR_PORT": "1002"], yaml: yaml)
        #expect(configuration.port == 1002)
        #expect(configuration.host == "127.0.0.1")
    }

    @Test("WEIR_CONFIG names the file")
    func namedFile() async throws {
        let path = try file("port: 4711\n")
        let configuration = try await ServerConfiguration(
            arguments: [:], environment: ["WEIR_CONFIG": path], file: nil)
        #expect(configuration.port == 4711)
    }

    @Test("a file that was named must be there")
    func missingFile() async throws {
        let path = folder.path + "/nowhere.yaml"
        await #expect(throws: ConfigurationError.self) {
            try await ServerConfiguration(arguments: [:], environment: [:], file: path)
        }
        await #expect(throws: ConfigurationError.self) {
            try await ServerConfiguration(
                arguments: [:], environment: ["WEIR_CONFIG": path], file: nil)
        }
    }

    @Test(
        "an unknown key is an error with its line and the nearest known key",
        arguments: [
            ("prot: 8080", 1, "port"), ("host: x\n\n# note\nlog-level: info", 4, "log_level"),
            ("port: 1\nquota_cash_size: 5", 2, "quota_cache_size"),
            ("Port: 8080", 1, "port"), ("admintoken: x", 1, "admin_token"),
        ])
    func unknownKey(yaml: String, line: Int, nearest: String) async throws {
        let message = try await failure(yaml: yaml)
        #expect(message.contains("line \(line)"), "\(message)")
        #expect(message.contains("\"\(nearest)\""), "\(message)")
        #expect(!message.contains("\n"))
    }

    @Test(
        "a bad value names the setting, wherever it stands",
        arguments: [
            ("port", "WEIR_PORT", "80a"), ("port", "WEIR_PORT", "65536"),
            ("port", "WEIR_PORT", "-1"), ("port", "WEIR_PORT", "80.5"),
            ("admin_port", "WEIR_ADMIN_PORT", "65536"),
            ("header_timeout_seconds", "WEIR_HEADER_TIMEOUT_SECONDS", "0"),
            ("header_timeout_seconds", "WEIR_HEADER_TIMEOUT_SECONDS", "61"),
            ("body_timeout_seconds", "WEIR_BODY_TIMEOUT_SECONDS", "1.5"),
            ("maximum_connections", "WEIR_MAXIMUM_CONNECTIONS", "0"),
            ("log_level", "WEIR_LOG_LEVEL", "loud"),
            ("drain_seconds", "WEIR_DRAIN_SECONDS", "soon"),
            ("verify_interval_seconds", "WEIR_VERIFY_INTERVAL_SECONDS", "-1"),
            ("auto_create_tenants", "WEIR_AUTO_CREATE_TENANTS", "maybe"),
            ("idempotency_hours", "WEIR_IDEMPOTENCY_HOURS", "0"),
            ("archive_days", "WEIR_ARCHIVE_DAYS", "0"),
            ("quota_cache_ttl", "QUOTA_CACHE_TTL", "60s"),
            ("quota_cache_size", "QUOTA_CACHE_SIZE", "-5"),
            ("enable_redis_quota", "ENABLE_REDIS_QUOTA", "2"),
            ("admin_token", "WEIR_ADMIN_TOKEN", "short"),
        ])
    func badValue(key: String, variable: String, value: String) async throws {
        for message in [
            try await failure(yaml: "\(key): \(value)\n"),
            try await failure(environment: [variable: value]),
        ] {
            #expect(message.contains(key) || message.contains(variable), "\(message)")
            #expect(!message.contains("\n"))
            if key == "admin_token" { #expect(!message.contains(value)) }
        }
    }

    @Test(
        "a file that is no mapping of single values is an error",
        arguments: [
            "- port", "8080", "port: [1, 2]", "port:\n  number: 1", "port: 'x", "a: b: c",
            "port: 1\nport: 2",
        ])
    func badFile(yaml: String) async throws {
        #expect(try await !failure(yaml: yaml).isEmpty)
    }

    @Test("an empty value is no value, or an error; it never passes as something else")
    func emptyValues() async throws {
        for variable in ["WEIR_PORT", "QUOTA_CACHE_SIZE", "ENABLE_REDIS_QUOTA"] {
            let message = try await failure(environment: [variable: ""])
            if message.isEmpty {
                let configuration = try await read(environment: [variable: ""])
                #expect(configuration.port == 8080)
                #expect(configuration.node.cacheSize == 10_000)
                #expect(configuration.node.isEnforced)
            }
        }
    }
}
