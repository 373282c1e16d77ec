import Crypto
import HTTPTypes
import QuotaModel
import QuotaNode
import StrictJSON

extension IdempotencyRequest {
    /// An idempotent request with its body.
    init(_ key: String, _ json: JSONValue, operation: String) {
        self.init(
            key: ExactString(key), fingerprint: Self.fingerprint(json, operation: operation),
            encode: { APIAnswer($0).stored })
    }

    /// SHA-256 of what is asked, whatever the order of the members.
    private static func fingerprint(_ json: JSONValue, operation: String) -> [UInt8] {
        var object = JSONObject()
        for member in json.objectValue?.members ?? [] where member.name != "idempotency_key" {
            object[member.name] = member.value
        }
        var hash = SHA256()
        hash.update(data: Array(operation.utf8) + [0])
        hash.update(data: JSONValue.object(object).canonicalBytes)
        return Array(hash.finalize())
    }
}

extension APIRequest {
    /// The idempotency key of header or body, which must not contradict each other.
    func idempotencyKey(_ inBody: String?) throws(Problem) -> String? {
        let fields = head.headerFields[values: .idempotencyKey]
        guard let field = fields.first else { return inBody }
        guard fields.count == 1, let key = IdempotencyKeyHeader.parse(field),
            DecisionBody.isIdempotencyKey(key)
        else {
            throw .invalidHeader(
                .idempotencyKey,
                "must come once and be a string of 1 to "
                    + "\(DecisionBody.maximumIdempotencyKeyCharacters) characters")
        }
        guard inBody == nil || inBody == key else {
            throw .invalid(
                "idempotency_key differs from the Idempotency-Key header; send one of them",
                at: .root.member("idempotency_key"))
        }
        return key
    }
}

extension APIRoutes {
    /// A decision, or the kept answer to a repeated request.
    func answer(_ answer: DecisionAnswer, operation: String) -> APIAnswer {
        switch answer {
        case .replayed(let stored):
            var answer = APIAnswer(stored)
            answer.headers[.idempotencyReplayed] = "true"
            return answer
        case .immediate(let immediate):
            let decision = node.decision(immediate)
            metrics.count(decision, operation: operation)
            explanations.add(DecisionOutcome(decision))
            return APIAnswer(DecisionOutcome(decision))
        case .decided(let outcome, let stored):
            metrics.count(outcome.decision, operation: operation)
            explanations.add(outcome)
            return stored.map { APIAnswer($0) } ?? APIAnswer(outcome)
        }
    }
}
