import LLMWire
import Logging
import QuotaModel
import QuotaNode
import StrictJSON
import WeirHTTP

/// The end of a hold: what is booked, and what the record says of it.
struct ExchangeConclusion: Sendable {
    /// How often an end is tried when the node can't write it down; a second lies between.
    private static let maximumTries = 60

    let reservation: Reservation
    let decision: Decision
    let end: ExchangeState.HoldEnd
    let booking: Booking
    /// What it costs, in 10⁻⁹ of the currency; 0 for a free model.
    let cost: Int64
    let charges: [Charge]
    /// A JSON object that is kept with what is booked.
    let note: String
    /// Tokens that were held besides, while the answer came.
    let extendedTokens: Int64

    init(_ exchange: Exchange, _ hold: ExchangeHold, _ end: ExchangeState.HoldEnd) {
        let (request, gateway) = (exchange.request, exchange.gateway)
        reservation = hold.reservation
        decision = hold.decision
        self.end = end
        var outcome = ExchangeState.Outcome.failed
        if case .settle(let known) = end { outcome = known }
        // Of what is given back nothing is booked.
        let booking = Booking(
            end == .void ? Seen() : exchange.seen, outcome,
            estimatedInput: hold.estimate.input,
            leastInput: request.scan.leastPromptTokens, maximumOutput: request.highestOutput)
        self.booking = booking
        let pricing = exchange.backend?.place.pricing ?? .free
        cost = pricing.cost(of: booking.tokens)
        var charges = [
            Charge(meter: gateway.requestsMeter, amount: booking.isRequest ? 1 : 0),
            Charge(
                meter: gateway.tokensMeter,
                amount: min(booking.tokens.input + booking.tokens.output, Amount.maximum)),
        ]
        if let meter = request.model.costMeter {
            charges.append(Charge(meter: meter, amount: cost))
        }
        self.charges = charges
        extendedTokens = hold.tokens - hold.estimate.input - hold.estimate.output
        note = Self.note(exchange, hold, booking, outcome, cost: cost)
    }

    private static func note(
        _ exchange: Exchange,
        _ hold: ExchangeHold,
        _ booking: Booking,
        _ outcome: ExchangeState.Outcome,
        cost: Int64
    ) -> String {
        let request = exchange.request
        var writer = JSONWriter()
        writer.object { writer in
            writer.member("decision_id", hold.decision.id)
            writer.member("request_id", exchange.requestID)
            writer.member("endpoint", request.endpoint.name)
            if let backend = exchange.backend {
                writer.member("backend", exchange.gateway.name(of: backend.place))
            }
            writer.member("outcome", outcome.rawValue)
            writer.member("estimated", booking.isEstimated)
            if booking.isContradictory { writer.member("usage_contradicts_stream", true) }
            writer.member("input_tokens", booking.tokens.input)
            writer.member("cached_input_tokens", booking.tokens.cachedInput)
            writer.member("output_tokens", booking.tokens.output)
            writer.member("reasoning_tokens", booking.tokens.reasoning)
            writer.member("estimated_input_tokens", hold.estimate.input)
            writer.member("estimated_output_tokens", hold.estimate.output)
            if let currency = request.model.currency {
                writer.member("cost", Money.text(nano: cost))
                writer.member("currency", currency)
                writer.member("prices", exchange.gateway.priceVersion)
            }
            writer.member("attempt", Int64(exchange.state.attempts))
        }
        return String(decoding: writer.bytes, as: UTF8.self)
    }

    /// Ends the hold where nobody else is needed for it.
    ///
    /// - Returns: false when somebody is.
    func concludeAtOnce(_ gateway: Gateway) -> Bool {
        let (id, tenant) = (reservation.id, reservation.tenant)
        switch end {
        case .void: return gateway.node.voidAtOnce(id, of: tenant) != nil
        case .settle:
            return gateway.node.settleAtOnce(id, of: tenant, charges: charges, note: note) != nil
        }
    }

    /// Ends the hold, and does not give up because the disk or the ledger is away for a while.
    ///
    /// What can't be ended then is booked as held, when its time to live has passed.
    func conclude(_ gateway: Gateway) async {
        for _ in 0..<Self.maximumTries {
            do throws(NodeError) {
                switch end {
                case .void: _ = try await gateway.node.void(reservation.id, tenant: nil)
                case .settle:
                    _ = try await gateway.node.settle(
                        reservation.id, charges: charges, note: note, tenant: nil)
                }
                return
            } catch {
                switch error {
                case .ledger: await gateway.sleep(.seconds(1))
                default:
                    // It has ended: by its time to live, or by an administrator.
                    gateway.logger.warning(
                        "a request's units were not booked as it ended",
                        metadata: [
                            "reservation": "\(reservation.id.text)", "why": "\(error)",
                        ])
                    return
                }
            }
        }
        gateway.logger.error(
            "a request's end can't be recorded; its units are booked as held",
            metadata: ["reservation": "\(reservation.id.text)"])
    }
}

extension Endpoint {
    /// How the record calls it.
    var name: String {
        switch self {
        case .chatCompletions: "chat.completions"
        case .completions: "completions"
        case .embeddings: "embeddings"
        case .responses: "responses"
        case .tritonGenerate: "triton.generate"
        case .tritonGenerateStream: "triton.generate_stream"
        case .tritonInfer: "triton.infer"
        }
    }
}
