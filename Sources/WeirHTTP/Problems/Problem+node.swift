import HTTPTypes
import QuotaLedger
import QuotaModel
package import QuotaNode
import StrictJSON

extension Problem {
    /// What a node's error is over HTTP: the one place that knows.
    package init(_ error: NodeError) {
        switch error {
        case .tenantNotFound(let id):
            self.init(.notFound, "there is no tenant \"\(id.text)\"")
        case .keyNotFound(let id):
            self.init(.notFound, "there is no key \"\(id.text)\"")
        case .reservationNotFound(let id):
            self.init(.notFound, "there is no reservation \"\(id.text)\"")
        case .unknownMeter(let meter, let index):
            self = Problem.charge(
                index,
                "there is no meter \"\(meter.text)\"")
        case .allocationMeter(let meter, let index):
            self = Problem.charge(
                index, "meter \"\(meter.text)\" is an allocation: it is held, not consumed")
        case .chargesTooLarge(let meter, let index):
            self = Problem.charge(
                index,
                "the charges of meter \"\(meter.text)\" add up to more than \(Amount.maximum)")
        case .meterNotHeld(let meter, let index):
            self = Problem.charge(index, "the reservation does not hold meter \"\(meter.text)\"")
        case .unknownTimeZone(let name):
            self = .invalid(
                "time_zone \"\(name)\" is not a name of the IANA database, such as Africa/Lagos",
                at: .root.member("time_zone"))
        case .duplicateLimit(let name, let index):
            self = BodyReader.invalid(
                .root.member("limits").element(index), "is \"\(name)\" a second time")
        case .idempotencyKeyReused:
            self = .invalid(
                "this idempotency key was used for another request; use a new one",
                at: .root.member("idempotency_key"))
        case .idempotencyKeyInFlight:
            self.init(
                .conflict,
                "the first request with this idempotency key is still running; retry shortly")
        case .reservationSettled:
            self.init(.conflict, "the reservation was settled before; that outcome stands")
        case .reservationVoided:
            self.init(.conflict, "the reservation was voided before; that outcome stands")
        case .outOfRange:
            self = .invalid(
                "a counter would leave the range of a 64-bit integer; nothing was charged",
                at: .root.member("charges"))
        case .notFound(let what):
            self.init(.notFound, "there is no \(what)")
        case .conflict(let detail):
            self.init(.conflict, detail)
        case .invalid(let field, let detail):
            // `limits[2].meter` is `/limits/2/meter`.
            let place = field.split { ".[]".contains($0) }
                .reduce(JSONPointer.root) { $0.member(String($1)) }
            self = .invalid("\(field) \(detail)", at: place)
        case .alreadyExists(let what):
            self.init(.conflict, "\(what) exists already")
        case .ledger(let error):
            self.init(error)
        }
    }

    private init(_ error: LedgerError) {
        let detail =
            switch error.code {
            case .diskFull: "the ledger's disk is full; nothing was recorded"
            case .busy: "another program holds the ledger's database; nothing was recorded"
            case .closed: "the server is stopping or overloaded; retry"
            default: "the ledger can't be reached; nothing was recorded"
            }
        self.init(.serviceUnavailable, detail)
        type = ProblemType.reducedCapacity
        reason = Refusal.Reason.unavailable.rawValue
        retryAfterSeconds = 1
    }

    private static func charge(_ index: Int?, _ detail: String) -> Problem {
        guard let index else { return Problem(.unprocessableContent, detail) }
        return .invalid(
            "charges[\(index)].meter: \(detail)",
            at: .root.member("charges").element(index).member("meter"))
    }
}
