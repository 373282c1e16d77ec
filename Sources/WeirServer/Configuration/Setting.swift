/// One thing that an operator can set, with its names.
///
/// Command line over environment over `weir.yaml` over the default.
enum Setting: String, CaseIterable {
    case host
    case port
    case adminHost = "admin_host"
    case adminPort = "admin_port"
    case tlsCertificate = "tls_cert"
    case tlsKey = "tls_key"
    case headerTimeout = "header_timeout_seconds"
    case bodyTimeout = "body_timeout_seconds"
    case maximumConnections = "maximum_connections"
    case data
    case ledger
    case nodeName = "node_name"
    case peppers
    case durability
    case setAsideJournal = "set_aside_journal"
    case logLevel = "log_level"
    case drainSeconds = "drain_seconds"
    case verifyInterval = "verify_interval_seconds"
    case adminToken = "admin_token"
    case autoCreateTenants = "auto_create_tenants"
    case credentialFailures = "credential_failures_per_minute"
    case explainDecisions = "explain_decisions"
    case webhookAllow = "webhook_allow"
    case idempotencyHours = "idempotency_hours"
    case idempotencyMaximum = "idempotency_maximum"
    case archiveDays = "archive_days"
    case cacheTTL = "quota_cache_ttl"
    case cacheSize = "quota_cache_size"
    case enforcement = "enable_redis_quota"

    /// The name in `weir.yaml`.
    var fileKey: String { rawValue }

    /// The name of the environment variable; three keep the names of the systems that Weir
    /// replaces.
    var variable: String {
        switch self {
        case .cacheTTL, .cacheSize, .enforcement: rawValue.uppercased()
        default: "WEIR_" + rawValue.uppercased()
        }
    }

    /// The name on the command line, of those that stand there.
    var flag: String { "--" + rawValue.replacing("_", with: "-") }

    /// Whether nobody may see its value.
    var isSecret: Bool { [.adminToken, .ledger, .peppers].contains(self) }

    /// How an error names this setting.
    var description: String { "\(fileKey) (\(variable))" }
}
