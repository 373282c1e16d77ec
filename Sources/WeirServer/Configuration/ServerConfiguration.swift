import Configuration
package import EmbeddedNode
package import Gateway
import LedgerPostgres
public import Logging
import NIOCore
public import QuotaNode
package import Webhooks

/// Everything an operator sets, read once and checked.
public struct ServerConfiguration: Sendable {
    /// The address to listen on.
    public var host = "127.0.0.1"
    /// The port to listen on; 0 stands for any free one.
    public var port = 8080
    /// The address that the admin listener listens on, where there is one.
    public var adminHost = "127.0.0.1"
    /// The port of the admin listener, 0 for any free one; nil leaves everything to one listener.
    public var adminPort: Int?
    /// The file with the TLS certificate and its chain; nil stands for plain HTTP.
    public var tlsCertificate: String?
    /// The file with the certificate's private key; there is one if there is a certificate.
    public var tlsKey: String?
    /// The data folder.
    public var dataFolder = "./weir-data"
    /// Where the ledger is.
    package var ledger = LedgerPlace.embedded
    /// The name of a fleet's node; nil takes that of the data folder.
    package var nodeName: String?
    /// What keys are hashed with; nil takes what the data folder has.
    package var peppers: String?
    /// When a decision is answered.
    public var durability = JournalOptions.Durability.fast
    /// Whether the journals of other histories are given up at the start.
    public var setsJournalAside = false
    /// Which log lines are written.
    public var logLevel = Logger.Level.info
    /// How long `/readyz` says no before connections are closed, in seconds.
    public var drainSeconds = 0
    /// How long after a verification of the ledger the next begins, in seconds; 0 for none.
    public var verifyIntervalSeconds = 3_600
    /// The administrator's token; nil takes the stored one, or makes one.
    public var adminToken: String?
    /// What a connection may take of the server.
    var limits = ListenerLimits()
    /// How many bad credentials an address may send a minute before they are answered with 429.
    public var credentialFailuresPerMinute = 100
    /// How many decisions are kept in memory to be explained; 0 keeps none.
    public var explainedDecisions = 10_000
    /// Which addresses webhooks may be delivered to besides public ones.
    package var webhookPolicy = AddressPolicy()
    /// The node's settings.
    public var node = NodeSettings()
    /// What the gateway serves; nil where the file has no such section.
    package var gateway: GatewayConfiguration?

    /// The defaults.
    public init() {}

    /// Reads the settings.
    ///
    /// - Parameters:
    ///   - arguments: what the command line says, by the names of `weir.yaml`.
    ///   - environment: the process's environment.
    ///   - file: the configuration file; nil takes `weir.yaml` where there is one.
    /// - Throws: ``ConfigurationError`` for the first setting that can't be used.
    public init(
        arguments: [String: String],
        environment: [String: String],
        file: String?
    ) async throws {
        let path = file ?? environment["WEIR_CONFIG"]
        let file = try ConfigurationFile(path: path ?? "weir.yaml", mustExist: path != nil)
        try read(
            SettingReader(
                arguments: arguments, environment: Self.withUsualNames(environment),
                settings: file.settings))
        if let node = file.gateway {
            gateway = try GatewayFile(file: file.path, environment: environment)
                .configuration(from: node)
        }
    }

    /// What many platforms set stands for a setting of ours that is not set.
    private static func withUsualNames(_ environment: [String: String]) -> [String: String] {
        var environment = environment
        let variable = Setting.ledger.variable
        environment[variable] = environment[variable] ?? environment["DATABASE_URL"]
        return environment
    }

    private mutating func readLedger(_ reader: SettingReader) throws(ConfigurationError) {
        if let url = reader.text(.ledger) {
            guard url.hasPrefix("postgres://") || url.hasPrefix("postgresql://") else {
                throw ConfigurationError(
                    "\(Setting.ledger.description), or DATABASE_URL, must be "
                        + "postgres://user:password@host:5432/database; without it the ledger "
                        + "lies in the data folder")
            }
            do { ledger = .postgres(try PostgresOptions(url: url)) } catch {
                throw ConfigurationError("\(Setting.ledger.description): \(error)")
            }
        }
        if let name = reader.text(.nodeName) {
            guard NodeName.isValid(name) else {
                throw reader.invalid(.nodeName, name, NodeName.rule)
            }
            nodeName = name
        }
        peppers = reader.text(.peppers)
    }

    private mutating func read(_ reader: SettingReader) throws(ConfigurationError) {
        if let host = reader.text(.host) { self.host = host }
        if let port = try reader.integer(.port, in: 0...65_535) { self.port = port }
        try readListeners(reader)
        if let folder = reader.text(.data) { dataFolder = folder }
        try readLedger(reader)
        if let text = reader.text(.durability) {
            guard let durability = JournalOptions.Durability(rawValue: text) else {
                let names = JournalOptions.Durability.allCases.map(\.rawValue)
                throw reader.invalid(.durability, text, names.joined(separator: " or "))
            }
            self.durability = durability
        }
        if let isSet = try reader.bool(.setAsideJournal) { setsJournalAside = isSet }
        if let text = reader.text(.logLevel) {
            guard let level = Logger.Level(rawValue: text) else {
                let names = Logger.Level.allCases.map(\.rawValue).joined(separator: ", ")
                throw reader.invalid(.logLevel, text, "one of \(names)")
            }
            logLevel = level
        }
        if let seconds = try reader.integer(.drainSeconds, in: 0...3_600) {
            drainSeconds = seconds
        }
        if let seconds = try reader.integer(.verifyInterval, in: 0...2_592_000) {
            verifyIntervalSeconds = seconds
        }
        if let token = reader.text(.adminToken) {
            guard token.utf8.count >= 16 else {
                throw ConfigurationError(
                    "\(Setting.adminToken.description) must have at least 16 characters")
            }
            adminToken = token
        }
        if let most = try reader.integer(.credentialFailures, in: 1...1_000_000_000) {
            credentialFailuresPerMinute = most
        }
        if let most = try reader.integer(.explainDecisions, in: 0...1_000_000) {
            explainedDecisions = most
        }
        if let text = reader.text(.webhookAllow) {
            var blocks: [CIDR] = []
            for block in text.split(separator: ",", omittingEmptySubsequences: true) {
                do { blocks.append(try CIDR(block.filter { $0 != " " })) } catch {
                    throw reader.invalid(
                        .webhookAllow, text, "blocks of addresses such as 10.0.0.0/8, with commas")
                }
            }
            webhookPolicy = AddressPolicy(allowed: blocks)
        }
        try readNode(reader)
    }

    private mutating func readListeners(_ reader: SettingReader) throws(ConfigurationError) {
        adminPort = try reader.integer(.adminPort, in: 0...65_535)
        if let host = reader.text(.adminHost) {
            guard adminPort != nil else {
                throw ConfigurationError(
                    "\(Setting.adminHost.description) needs \(Setting.adminPort.description) too, "
                        + "without which there is no admin listener")
            }
            adminHost = host
        }
        tlsCertificate = reader.text(.tlsCertificate)
        tlsKey = reader.text(.tlsKey)
        guard (tlsCertificate == nil) == (tlsKey == nil) else {
            let (given, missing): (Setting, Setting) =
                tlsKey == nil ? (.tlsCertificate, .tlsKey) : (.tlsKey, .tlsCertificate)
            throw ConfigurationError("\(given.description) needs \(missing.description) too")
        }
        if let seconds = try reader.integer(.headerTimeout, in: 1...60) {
            limits.headerTimeout = .seconds(Int64(seconds))
        }
        if let seconds = try reader.integer(.bodyTimeout, in: 1...60) {
            limits.bodyTimeout = .seconds(Int64(seconds))
        }
        if let maximum = try reader.integer(.maximumConnections, in: 1...1_000_000) {
            limits.maximumConnections = maximum
        }
    }

    private mutating func readNode(_ reader: SettingReader) throws(ConfigurationError) {
        if let creates = try reader.bool(.autoCreateTenants) { node.createsTenants = creates }
        if let hours = try reader.integer(.idempotencyHours, in: 1...8_760) {
            node.idempotencyWindowNanoseconds = Int64(hours) * 3_600_000_000_000
        }
        if let maximum = try reader.integer(.idempotencyMaximum, in: 1...1_000_000_000) {
            node.maximumAnswers = maximum
        }
        if let days = try reader.integer(.archiveDays, in: 1...36_500) { node.archiveDays = days }
        if let seconds = try reader.integer(.cacheTTL, in: 0...86_400) {
            node.cacheTTLNanoseconds = Int64(seconds) * 1_000_000_000
        }
        if let size = try reader.integer(.cacheSize, in: 2...100_000_000) { node.cacheSize = size }
        if let isEnforced = try reader.bool(.enforcement) { node.isEnforced = isEnforced }
    }
}

/// Reads settings as text, as every source gives them, so that no bad value passes in silence.
private struct SettingReader {
    private let reader: ConfigReader

    init(
        arguments: [String: String],
        environment: [String: String],
        settings: [String: String]
    ) {
        reader = ConfigReader(providers: [
            Self.values(arguments, name: "command line"), Self.environment(environment),
            Self.values(settings, name: "configuration file"),
        ])
    }

    private static func values(_ texts: [String: String], name: String) -> InMemoryProvider {
        let secrets = Setting.allCases.filter(\.isSecret).map(\.fileKey)
        let values = texts.map { key, text in
            (AbsoluteConfigKey([key]), ConfigValue(.string(text), isSecret: secrets.contains(key)))
        }
        return InMemoryProvider(name: name, values: Dictionary(uniqueKeysWithValues: values))
    }

    private static func environment(_ variables: [String: String]) -> some ConfigProvider {
        let secrets = Set(Setting.allCases.filter(\.isSecret).map(\.variable))
        return EnvironmentVariablesProvider(
            environmentVariables: variables, secretsSpecifier: .specific(secrets)
        )
        .mapKeys { key in
            let setting = key.components.first.flatMap(Setting.init)
            return setting.map { AbsoluteConfigKey([$0.variable.lowercased()]) } ?? key
        }
    }

    func text(_ setting: Setting) -> String? {
        reader.string(
            forKey: ConfigKey([setting.fileKey]), isSecret: setting.isSecret)
    }

    func integer(
        _ setting: Setting,
        in range: ClosedRange<Int>
    ) throws(ConfigurationError) -> Int? {
        guard let text = text(setting) else { return nil }
        guard let value = Int(text), range.contains(value) else {
            throw invalid(
                setting, text, "an integer from \(range.lowerBound) to \(range.upperBound)")
        }
        return value
    }

    func bool(_ setting: Setting) throws(ConfigurationError) -> Bool? {
        guard let text = text(setting) else { return nil }
        switch text.lowercased() {
        case "true", "yes", "on", "1": return true
        case "false", "no", "off", "0": return false
        default: throw invalid(setting, text, "true or false")
        }
    }

    func invalid(_ setting: Setting, _ text: String, _ expected: String) -> ConfigurationError {
        ConfigurationError("\(setting.description) must be \(expected), not \"\(text)\"")
    }
}
