import QuotaLedger
import QuotaModel
import StrictJSON

/// A row of the export of usage: units of one meter.
///
/// Each figure of a request stands in one row alone, so that every column can be summed: the units
/// in that of their meter, the money in that of the meter of money, and the tokens by kind there
/// too, or in the request's first row where it has no price.
struct ExportRow: Sendable {
    /// What a row stands for.
    enum Kind: String, Sendable {
        /// One posting.
        case event
        /// The use of a key and model on a day that has no events, since its meter is recorded by
        /// the hour.
        case day
    }

    /// The tokens of a request, by kind.
    struct Tokens: Hashable, Sendable {
        let input: Int64?
        let cachedInput: Int64?
        let output: Int64?
        let reasoning: Int64?
    }

    let kind: Kind
    let tenant: TenantID
    /// The posting; of a day the units are those that no event has.
    let event: UsageEvent
    /// How many postings it stands for.
    let requests: Int64
    /// What the gateway has noted of the request.
    var note: Note?
    /// The tokens; nil in the other rows of the request.
    var tokens: Tokens?

    /// What the gateway notes of a request, as far as it is exported.
    struct Note: Sendable {
        let decisionID: String?
        let requestID: String?
        let endpoint: String?
        let backend: String?
        let outcome: String?
        let isEstimated: Bool?
        let prices: String?
        let tokens: Tokens

        /// Reads the note of a posting; nil for metadata that is none.
        init?(_ metadata: String?) {
            guard let metadata, let note = try? JSONValue(parsing: metadata.utf8),
                note["decision_id"]?.stringValue != nil, note["outcome"]?.stringValue != nil
            else { return nil }
            decisionID = note["decision_id"]?.stringValue
            requestID = note["request_id"]?.stringValue
            endpoint = note["endpoint"]?.stringValue
            backend = note["backend"]?.stringValue
            outcome = note["outcome"]?.stringValue
            isEstimated = note["estimated"]?.boolValue
            prices = note["prices"]?.stringValue
            tokens = Tokens(
                input: note["input_tokens"]?.integerValue,
                cachedInput: note["cached_input_tokens"]?.integerValue,
                output: note["output_tokens"]?.integerValue,
                reasoning: note["reasoning_tokens"]?.integerValue)
        }
    }

    /// The currency, where the meter counts money.
    var currency: String? { Money.currency(of: event.meter) }

    /// The money, where the meter counts some.
    var cost: String? { currency == nil ? nil : Money.text(nano: event.units) }

    /// The rows of the events of one id.
    static func rows(of events: [UsageEvent]) -> [ExportRow] {
        let note = events.lazy.compactMap { Note($0.metadata) }.first
        let teller = events.firstIndex { Money.currency(of: $0.meter) != nil } ?? 0
        return events.enumerated()
            .map { index, event in
                ExportRow(
                    kind: .event, tenant: event.tenant, event: event, requests: event.requests,
                    note: note, tokens: index == teller ? note?.tokens : nil)
            }
    }
}

extension UsageEvent {
    /// How many requests it counts for in the ledger's sums: a correction for none, and imported
    /// calls for as many as they are.
    var requests: Int64 {
        if id.hasPrefix(Self.importPrefix) { return meter == Meter.apiCalls.id ? units : 1 }
        return id.hasPrefix(Self.adjustmentPrefix) ? 0 : 1
    }

    private static let importPrefix = "a.import."
    private static let adjustmentPrefix = "a_"
}
