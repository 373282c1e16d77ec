package import QuotaModel

/// Everything an operator says about the gateway.
package struct GatewayConfiguration: Hashable, Sendable {
    /// What becomes of a backend's answer when its caller has gone.
    package enum OnDisconnect: String, CaseIterable, Hashable, Sendable {
        /// The backend is told at once, and what was seen is settled.
        case cancel
        /// It is read on for a while, since its usage comes last.
        case drain
    }

    /// What becomes of a stream when its budget runs out under way.
    package enum OnExhausted: String, CaseIterable, Hashable, Sendable {
        /// It ends there.
        case cut
        /// It goes on to its end, and the excess is booked.
        case finish
    }

    /// The most models.
    package static let mostModels = 1_024
    /// The range of ``maximumBodyBytes``: up to 256 MiB.
    package static let bodyBytesRange = 1_024...268_435_456
    /// The range of ``maximumOutputTokens``, of the gateway and of a model.
    package static let outputTokensRange = 1...1_000_000_000
    /// The range of ``connectTimeoutMilliseconds``: up to a minute.
    package static let connectTimeoutRange = 1...60_000
    /// The range of the other timeouts: up to a day.
    package static let timeoutRange = 1...86_400_000
    /// The range of ``drainMilliseconds``: up to ten minutes.
    package static let drainRange = 0...600_000
    /// The range of ``retries``.
    package static let retriesRange = 0...10
    /// The range of ``probeIntervalMilliseconds``, besides 0: up to an hour.
    package static let probeIntervalRange = 100...3_600_000

    /// The models, by name.
    package var models: [ModelConfiguration]
    /// The largest body of a request, in bytes.
    package var maximumBodyBytes = 10_485_760
    /// The most tokens a request may ask for, `n` × `max_tokens`.
    package var maximumOutputTokens: Int64 = 131_072
    /// How long a connection to a backend may take to open.
    package var connectTimeoutMilliseconds: Int64 = 2_000
    /// How long a backend may take until the first byte of its answer.
    package var firstByteTimeoutMilliseconds: Int64 = 120_000
    /// How long a backend may be silent within its answer.
    package var idleTimeoutMilliseconds: Int64 = 60_000
    /// How long a request may take in all.
    package var totalTimeoutMilliseconds: Int64 = 600_000
    /// What becomes of an answer whose caller has gone.
    package var onDisconnect = OnDisconnect.cancel
    /// How long an answer whose caller has gone is read on, under ``OnDisconnect/drain``.
    package var drainMilliseconds: Int64 = 5_000
    /// What becomes of a stream when its budget runs out.
    package var onExhausted = OnExhausted.cut
    /// How often a request is tried on another backend, as long as nothing was relayed.
    package var retries = 2
    /// How long after one probe of a backend the next begins; 0 for none.
    package var probeIntervalMilliseconds: Int64 = 5_000
    /// The meter that counts tokens.
    package var tokensMeter = MeterID(trusted: "ai_tokens")
    /// The meter that counts requests.
    package var requestsMeter = MeterID(trusted: "api_calls")

    /// Creates a configuration with the defaults.
    package init(models: [ModelConfiguration]) {
        self.models = models
    }

    /// All prices that it names, under their version.
    package var prices: PriceTable {
        PriceTable(
            models.flatMap { model in
                let own = model.backends.enumerated()
                    .filter { $0.element.hasOwnPrice }
                    .map { index, backend in
                        PriceTable.Entry(
                            model: model.name, backend: index, pricing: backend.pricing)
                    }
                return [PriceTable.Entry(model: model.name, pricing: model.pricing)] + own
            })
    }
}
