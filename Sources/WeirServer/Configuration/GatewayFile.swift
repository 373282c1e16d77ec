import Gateway
import QuotaModel
import WeirHTTP
import Yams

/// Reads the section `gateway` of `weir.yaml`.
struct GatewayFile {
    /// The file, as errors name it.
    let file: String
    /// The process's environment, in which the backends' credentials are.
    let environment: [String: String]

    private static let keys = [
        "models", "max_body_bytes", "max_output_tokens", "connect_timeout_ms",
        "first_byte_timeout_ms", "idle_timeout_ms", "total_timeout_ms", "on_disconnect",
        "drain_ms", "on_exhausted", "retries", "probe_interval_ms", "tokens_meter",
        "requests_meter",
    ]

    /// The configuration that the section's value tells of.
    ///
    /// - Throws: what is wrong with the first field that can't be used, where, and the way out.
    func configuration(from node: Node) throws(ConfigurationError) -> GatewayConfiguration {
        typealias Gateway = GatewayConfiguration
        let section = try YAMLSection(
            node, file: file, path: ConfigurationFile.gatewayKey, known: Self.keys)
        var gateway = Gateway(models: try models(section))
        if let bytes = try section.integer("max_body_bytes", in: Gateway.bodyBytesRange) {
            gateway.maximumBodyBytes = bytes
        }
        if let tokens = try section.integer("max_output_tokens", in: Gateway.outputTokensRange) {
            gateway.maximumOutputTokens = Int64(tokens)
        }
        try readTimes(section, into: &gateway)
        if let choice = try section.choice("on_disconnect", of: Gateway.OnDisconnect.self) {
            gateway.onDisconnect = choice
        }
        if let choice = try section.choice("on_exhausted", of: Gateway.OnExhausted.self) {
            gateway.onExhausted = choice
        }
        if let retries = try section.integer("retries", in: Gateway.retriesRange) {
            gateway.retries = retries
        }
        if let meter = try meter("tokens_meter", section) { gateway.tokensMeter = meter }
        if let meter = try meter("requests_meter", section) { gateway.requestsMeter = meter }
        if gateway.requestsMeter == gateway.tokensMeter {
            throw section.error("requests_meter", "must be another meter than tokens_meter")
        }
        for (key, meter) in [
            ("tokens_meter", gateway.tokensMeter), ("requests_meter", gateway.requestsMeter),
        ] where Money.currency(of: meter) != nil {
            throw section.error(key, "can't be a meter of money")
        }
        return gateway
    }

    private func readTimes(
        _ section: YAMLSection,
        into gateway: inout GatewayConfiguration
    ) throws(ConfigurationError) {
        typealias Gateway = GatewayConfiguration
        if let time = try section.integer("connect_timeout_ms", in: Gateway.connectTimeoutRange) {
            gateway.connectTimeoutMilliseconds = Int64(time)
        }
        if let time = try section.integer("first_byte_timeout_ms", in: Gateway.timeoutRange) {
            gateway.firstByteTimeoutMilliseconds = Int64(time)
        }
        if let time = try section.integer("idle_timeout_ms", in: Gateway.timeoutRange) {
            gateway.idleTimeoutMilliseconds = Int64(time)
        }
        if let time = try section.integer("total_timeout_ms", in: Gateway.timeoutRange) {
            gateway.totalTimeoutMilliseconds = Int64(time)
        }
        if let time = try section.integer("drain_ms", in: Gateway.drainRange) {
            gateway.drainMilliseconds = Int64(time)
        }
        if let time = try probeInterval(section) { gateway.probeIntervalMilliseconds = time }
    }

    /// 0, or what is within the range.
    private func probeInterval(_ section: YAMLSection) throws(ConfigurationError) -> Int64? {
        let key = "probe_interval_ms"
        let range = GatewayConfiguration.probeIntervalRange
        guard let text = try section.text(key) else { return nil }
        guard let time = Int(text), time == 0 || range.contains(time) else {
            throw section.error(
                key,
                "must be 0 or an integer from \(range.lowerBound) to \(range.upperBound), "
                    + "not \(YAMLSection.quoted(text))")
        }
        return Int64(time)
    }

    private func meter(
        _ key: String,
        _ section: YAMLSection
    ) throws(ConfigurationError) -> MeterID? {
        guard let text = try section.text(key) else { return nil }
        do {
            return try MeterID(text)
        } catch {
            throw section.error(key, error.description)
        }
    }
}
