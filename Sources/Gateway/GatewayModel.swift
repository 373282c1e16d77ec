import LLMWire
import QuotaModel
import Synchronization
import WeirHTTP

/// A model that callers can name, with its backends.
final class GatewayModel: Sendable {
    /// Its place among the gateway's models.
    let index: Int
    let name: ModelName
    /// The meter of its money; nil for a free model.
    let costMeter: MeterID?
    /// The currency of its prices; nil for a free model.
    let currency: String?
    /// The most output tokens of one request, all choices together.
    let maximumOutput: Int64
    private let places: [BackendPlace]
    /// The backends that speak OpenAI's wire, and those that speak Triton's.
    private let openAI: BackendGroup
    private let triton: BackendGroup

    /// Creates a model.
    ///
    /// - Parameters:
    ///   - index: its place among the models.
    ///   - configuration: what the operator has set.
    ///   - firstTarget: the place of its first backend's target among all.
    ///   - maximumOutput: the most output tokens of one request.
    init(
        index: Int,
        _ configuration: ModelConfiguration,
        firstTarget: Int,
        maximumOutput: Int64
    ) {
        self.index = index
        name = configuration.name
        let places = configuration.backends.enumerated()
            .map { place, backend in
                BackendPlace(
                    target: firstTarget + place,
                    modelName: backend.model, pricing: backend.pricing)
            }
        self.places = places
        currency = places.lazy.compactMap(\.pricing.price?.currency).first
        costMeter = currency.map { Money.meter(of: $0) }
        self.maximumOutput = configuration.maximumOutputTokens ?? maximumOutput
        let ofKind = { (kind: BackendConfiguration.Kind) in
            BackendGroup(
                zip(places, configuration.backends).filter { $1.kind == kind },
                isTriton: kind == .triton,
                strategy: configuration.strategy)
        }
        openAI = ofKind(.openai)
        triton = ofKind(.triton)
    }

    /// Whether a backend speaks the wire of an endpoint.
    func serves(_ endpoint: Endpoint) -> Bool { !group(endpoint).places.isEmpty }

    /// What tokens cost where they cost most, in 10⁻⁹ of the currency.
    ///
    /// What is to come may be reasoning, all of it.
    func highestCost(of tokens: TokenCounts) -> Int64 {
        var reasoned = tokens
        reasoned.reasoning = tokens.output
        return places.reduce(0) {
            max($0, $1.pricing.cost(of: tokens), $1.pricing.cost(of: reasoned))
        }
    }

    /// The backends that speak the wire of an endpoint.
    func group(_ endpoint: Endpoint) -> BackendGroup { endpoint.isTriton ? triton : openAI }

    /// The groups with their backends, for who looks after all of them.
    var groups: [BackendGroup] { [openAI, triton] }
}

/// A backend of a model, as requests see it.
final class BackendPlace: Sendable {
    /// The place of its target among all of the gateway's.
    let target: Int
    /// What it calls the model.
    let modelName: String
    /// What it costs.
    let pricing: ModelPricing

    init(target: Int, modelName: String, pricing: ModelPricing) {
        self.target = target
        self.modelName = modelName
        self.pricing = pricing
    }
}

/// The backends of a model that speak one wire.
final class BackendGroup: Sendable {
    let places: [BackendPlace]
    /// Whether they speak Triton's wire.
    let isTriton: Bool
    private let pool: Mutex<BackendPool>

    init(
        _ backends: [(BackendPlace, BackendConfiguration)],
        isTriton: Bool,
        strategy: RoutingStrategy
    ) {
        self.isTriton = isTriton
        places = backends.map(\.0)
        pool = Mutex(
            BackendPool(
                backends.map { $0.1.traits }, strategy: strategy))
    }

    /// Chooses a backend and takes a place there.
    func choose(
        excluding tried: BackendSet,
        now: Timestamp,
        random: UInt64
    ) -> Result<BackendUse, NoBackend> {
        pool.withLock { pool in
            switch pool.choose(excluding: tried, now: now, random: random) {
            case .backend(let index):
                return .success(
                    BackendUse(
                        group: self, place: places[index], ticket: pool.begin(index, now: now)))
            case .busy(let wait), .unhealthy(let wait):
                return .failure(NoBackend(retryAfterNanoseconds: wait))
            }
        }
    }

    /// Whether another backend than these could be tried.
    func hasOther(than tried: BackendSet, now: Timestamp, random: UInt64) -> Bool {
        pool.withLock { pool in
            var copy = pool
            guard case .backend = copy.choose(excluding: tried, now: now, random: random) else {
                return false
            }
            return true
        }
    }

    /// A request is over.
    func end(_ ticket: BackendTicket, _ outcome: BackendOutcome, now: Timestamp, random: UInt64) {
        pool.withLock { $0.end(ticket, outcome, now: now, random: random) }
    }

    /// The head of a good answer has come.
    func answered(_ ticket: BackendTicket) { pool.withLock { $0.answered(ticket) } }

    /// A probe was answered, or not.
    func probed(_ index: Int, isWell: Bool, now: Timestamp, random: UInt64) {
        pool.withLock { pool in
            if isWell {
                pool.probeSucceeded(index)
            } else {
                pool.probeFailed(index, now: now, random: random)
            }
        }
    }

    /// How many requests each backend has, and whether it is well.
    func states(now: Timestamp) -> [(place: BackendPlace, outstanding: Int, isWell: Bool)] {
        pool.withLock { pool in
            zip(places, pool.backends)
                .map { ($0, $1.outstanding, $1.breaker.admits(now: now)) }
        }
    }
}

/// A backend with the place that a request has there.
final class BackendUse {
    let group: BackendGroup
    let place: BackendPlace
    let ticket: BackendTicket

    init(group: BackendGroup, place: BackendPlace, ticket: BackendTicket) {
        self.group = group
        self.place = place
        self.ticket = ticket
    }
}

/// No backend takes a request at the moment.
struct NoBackend: Error {
    let retryAfterNanoseconds: Int64

    /// The same in seconds, rounded up, at least one.
    var retryAfterSeconds: Int64 {
        max(1, (retryAfterNanoseconds + 999_999_999) / 1_000_000_000)
    }
}
