import LLMWire
import NIOCore
import NIOHTTP1
import QuotaModel
import QuotaNode
import WeirHTTP

/// What a caller asks for, once it is known whole.
struct ExchangeRequest {
    let endpoint: Endpoint
    let model: GatewayModel
    let scan: RequestScan
    let tenant: TenantID
    let key: APIKeyID
    let head: HTTPRequestHead
    let body: ByteBuffer
    /// The caller's own id of the request; nil when it has none that can be passed on.
    let id: String?

    /// The most output tokens that are asked for, all choices together; nil where nothing was said.
    var maximumOutput: Int64? {
        scan.maximumOutputTokens.map {
            let (all, overflow) = $0.multipliedReportingOverflow(by: scan.choices)
            return overflow ? .max : all
        }
    }

    /// The most output tokens that the answer may have.
    var highestOutput: Int64 { min(maximumOutput ?? .max, model.maximumOutput) }

    /// What is asked of the node: units of requests, tokens and money, held together.
    ///
    /// - Parameters:
    ///   - estimate: the tokens that it will take.
    ///   - gateway: what knows the meters.
    /// - Returns: the question.
    func question(_ estimate: TokenCounts, _ gateway: Gateway) -> ExchangeQuestion {
        ExchangeQuestion(
            request: DecisionRequest(
                tenant: tenant, key: key, charges: charges(estimate, gateway), model: model.name,
                hold: DecisionRequest.Hold(
                    ttlMilliseconds: gateway.holdMilliseconds, onExpiry: .post,
                    isTransient: true)),
            estimate: estimate)
    }

    /// How much a stream can begin with where there is not enough for all that it may take.
    ///
    /// It takes more while it runs, and ends where there is no more.
    ///
    /// - Parameters:
    ///   - estimate: what was asked for.
    ///   - decision: the refusal.
    ///   - gateway: what knows the meters.
    /// - Returns: fewer tokens; nil where that would not help.
    func smaller(
        than estimate: TokenCounts,
        after decision: Decision,
        _ gateway: Gateway
    ) -> TokenCounts? {
        guard let refusal = decision.deniedBy,
            let status = decision.limits.first(where: { $0.id == refusal.limitID })
        else { return nil }
        var smaller = estimate
        switch refusal.reason {
        case .rateExceeded where refusal.retryAfterNanoseconds == nil:
            // More than the rate ever lets through at once; what is used beyond becomes its debt.
            // The least is worth asking for: the answer says when to come back.
            guard status.meter == gateway.tokensMeter else { return nil }
            smaller.output = max(ExchangeHold.leastOutput, refusal.available - estimate.input)
        case .quotaExceeded where scan.isStream && gateway.cutsExhausted:
            if status.meter == gateway.tokensMeter {
                smaller.output = refusal.available - estimate.input
            } else if status.meter == model.costMeter {
                smaller.output = output(for: refusal.available, after: estimate.input)
            } else {
                return nil
            }
        case .quotaExceeded, .rateExceeded, .concurrencyExceeded, .suspended, .unavailable:
            return nil
        }
        guard ExchangeHold.leastOutput..<estimate.output ~= smaller.output else { return nil }
        return smaller
    }

    /// The most output tokens that money is enough for, beside a prompt; 0 where there are none.
    private func output(for money: Int64, after input: Int64) -> Int64 {
        let most = ExchangeHold.mostTokensOfMoney
        var (enough, tooMuch) = (Int64(0), most + 1)
        while tooMuch - enough > 1 {
            let middle = (enough + tooMuch) / 2
            let cost = model.highestCost(of: TokenCounts(input: input, output: middle))
            if cost <= money { enough = middle } else { tooMuch = middle }
        }
        return enough
    }

    /// What is held for a request of so many tokens; of each meter at least one unit.
    private func charges(_ estimate: TokenCounts, _ gateway: Gateway) -> [Charge] {
        var charges = [
            Charge(meter: gateway.requestsMeter, amount: 1),
            Charge(
                meter: gateway.tokensMeter,
                amount: min(max(1, estimate.input + estimate.output), Amount.maximum)),
        ]
        if let meter = model.costMeter {
            charges.append(Charge(meter: meter, amount: max(1, model.highestCost(of: estimate))))
        }
        return charges
    }

    /// What is held besides for more output.
    func charges(forMore output: Int64, _ gateway: Gateway) -> [Charge] {
        var charges = [Charge(meter: gateway.tokensMeter, amount: output)]
        let cost = model.highestCost(of: TokenCounts(input: 0, output: output))
        if let meter = model.costMeter, cost > 0 {
            charges.append(Charge(meter: meter, amount: cost))
        }
        return charges
    }

    // MARK: To the backend

    /// Fields that a backend gets as the caller sent them.
    private static let passed = [
        "accept", "openai-beta", "traceparent", "tracestate",
    ]

    /// The request as the backend gets it: a head of known fields, and the body with the model's
    /// name there.
    func upstream(
        _ target: UpstreamTarget,
        _ backend: BackendPlace,
        id: String
    ) -> (HTTPRequestHead, ByteBuffer) {
        let bytes = scan.upstreamBody(
            from: body, model: backend.modelName,
            asksForUsage: scan.isStream && endpoint.reportsUsageOnDemand)
        var headers = HTTPHeaders()
        headers.reserveCapacity(8)
        headers.add(name: "Host", value: target.hostField)
        headers.add(name: "Content-Type", value: "application/json")
        headers.add(name: "Content-Length", value: String(bytes.readableBytes))
        for name in Self.passed {
            if let value = head.headers.first(name: name),
                value.utf8.allSatisfy({ 0x20...0x7E ~= $0 })
            {
                headers.add(name: name, value: value)
            }
        }
        headers.add(name: "User-Agent", value: "weir")
        headers.add(name: "X-Request-Id", value: id)
        if let authorization = target.authorization {
            headers.add(name: "Authorization", value: authorization)
        }
        let path = target.basePath + endpoint.path(below: backend.modelName)
        return (
            HTTPRequestHead(version: .http1_1, method: .POST, uri: path, headers: headers), bytes
        )
    }
}

extension Endpoint {
    /// Whether a stream says what it used only when asked to.
    fileprivate var reportsUsageOnDemand: Bool {
        self == .chatCompletions || self == .completions
    }

    /// The path at a backend, below its base.
    fileprivate func path(below model: String) -> String {
        switch self {
        case .chatCompletions: "/chat/completions"
        case .completions: "/completions"
        case .embeddings: "/embeddings"
        case .responses: "/responses"
        case .tritonGenerate: "/v2/models/\(PercentEncoding.encode(model))/generate"
        case .tritonGenerateStream: "/v2/models/\(PercentEncoding.encode(model))/generate_stream"
        case .tritonInfer: "/v2/models/\(PercentEncoding.encode(model))/infer"
        }
    }
}

/// A request for units, with the tokens that it was made from.
struct ExchangeQuestion: Sendable {
    let request: DecisionRequest
    let estimate: TokenCounts
}

/// What a request holds.
struct ExchangeHold: Sendable {
    /// The least output for which more is held at a time, in tokens: a call to the ledger may be
    /// needed for each.
    static let leastGrowth: Int64 = 64
    /// The most output that is looked for when money is short, in tokens.
    static let mostTokensOfMoney: Int64 = 1 << 32
    /// The least output that a stream begins with, in tokens.
    static let leastOutput: Int64 = 16

    let reservation: Reservation
    let decision: Decision
    let estimate: TokenCounts
    /// All tokens that are held, the prompt's among them.
    var tokens: Int64

    init(reservation: Reservation, decision: Decision, estimate: TokenCounts) {
        self.reservation = reservation
        self.decision = decision
        self.estimate = estimate
        tokens = estimate.input + estimate.output
    }

    /// How many more output tokens are held when some are missing: as many as a good part of what
    /// has come, so that a long answer asks seldom, and no more than the caller asked for.
    ///
    /// - Parameters:
    ///   - missing: the tokens that have come and are not held.
    ///   - cap: the most output tokens of the request; nil where nothing was said.
    ///   - seen: the output tokens that have come.
    /// - Returns: the tokens, at least `missing`.
    func growth(_ missing: Int64, cap: Int64?, seen: Int64) -> Int64 {
        let wanted = missing + max(Self.leastGrowth, seen / 4)
        guard let cap else { return wanted }
        return max(missing, min(wanted, missing + max(0, cap - seen)))
    }
}
