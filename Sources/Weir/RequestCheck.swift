import QuotaModel
import StrictJSON

/// What a request must keep to, which types do not say.
enum RequestCheck {
    /// The most charges of one request.
    static let maximumCharges = 64
    /// The most metadata of one request, in bytes of JSON.
    static let maximumMetadataBytes = 65_536
    /// The most limits of one plan or key.
    static let maximumLimits = 64
    /// The most rows of a list.
    static let maximumRows = 1_000
    /// The most tenants that are warmed at once.
    static let maximumWarmed = 10_000

    static func charges(
        _ charges: [Charge],
        count: ClosedRange<Int> = 1...maximumCharges,
        minimum: Int64 = 1
    ) throws(WeirError) {
        guard count.contains(charges.count) else {
            throw .invalid("charges", "must be \(count.lowerBound) to \(count.upperBound)")
        }
        for (index, charge) in charges.enumerated() {
            guard (minimum...Amount.maximum).contains(charge.amount) else {
                throw .invalid(
                    "charges[\(index)].amount",
                    "must be an integer from \(minimum) to \(Amount.maximum)")
            }
        }
    }

    static func json(_ metadata: [String: String]) throws(WeirError) -> String? {
        if metadata.isEmpty { return nil }
        var writer = JSONWriter()
        writer.object { writer in
            for (name, value) in metadata.sorted(by: { $0.key < $1.key }) {
                writer.member(named: name, value)
            }
        }
        guard writer.bytes.count <= maximumMetadataBytes else {
            throw .invalid("metadata", "must be at most \(maximumMetadataBytes) bytes of JSON")
        }
        return String(decoding: writer.bytes, as: UTF8.self)
    }

    static func milliseconds(_ duration: Duration) throws(WeirError) -> Int64 {
        let range = 1...QuotaModel.Reservation.maximumTTLMilliseconds
        guard (.milliseconds(1)...Duration.milliseconds(range.upperBound)).contains(duration) else {
            throw .invalid("timeToLive", "must be 1 millisecond to 24 hours")
        }
        let parts = duration.components
        return parts.seconds * 1_000 + parts.attoseconds / 1_000_000_000_000_000
    }

    /// A name for people: the rules are those of ids.
    static func name(_ name: String) throws(WeirError) {
        do throws(IdentifierError) {
            _ = try Identifier<Never>(name)
        } catch {
            throw .invalid("name", "\(error)")
        }
    }

    static func rows(_ limit: Int) throws(WeirError) {
        guard (1...maximumRows).contains(limit) else {
            throw .invalid("limit", "must be 1 to \(maximumRows)")
        }
    }

    static func quantity(_ quantity: Int64?, _ field: String) throws(WeirError) {
        guard let quantity, !(0...Amount.maximum).contains(quantity) else { return }
        throw .invalid(field, "must be 0 to \(Amount.maximum), or nil for unlimited")
    }

    static func future(_ instant: Timestamp?, now: Timestamp) throws(WeirError) {
        if let instant, instant <= now {
            throw .invalid("expiresAt", "must lie in the future")
        }
    }

    /// The limits of a plan.
    static func limits(_ limits: [Limit], meters: [MeterID: Meter]) throws(WeirError) {
        guard limits.count <= maximumLimits else {
            throw .invalid("limits", "must be at most \(maximumLimits)")
        }
        for (index, limit) in limits.enumerated() {
            let place = "limits[\(index)]"
            guard let meter = meters[limit.meter] else {
                throw .invalid(place + ".meter", "\"\(limit.meter)\" isn't there")
            }
            try check(limit, of: meter, place)
        }
    }

    private static func check(
        _ limit: Limit,
        of meter: Meter,
        _ place: String
    ) throws(WeirError) {
        try quantity(limit.quantity, place + ".quantity")
        guard (meter.kind == .allocation) == (limit.window.kind == .allocation) else {
            throw .invalid(
                place + ".window",
                meter.kind == .allocation
                    ? "must be none: \(meter.id) is an allocation"
                    : "must not be none: \(meter.id) is a counter")
        }
        if let burst = limit.burst {
            guard limit.window.kind == .rate, (1...Amount.maximum).contains(burst) else {
                throw .invalid(
                    place + ".burst", "must be 1 or more, of a second, minute or hour only")
            }
        }
        guard (1...100).contains(limit.softPercent) else {
            throw .invalid(place + ".softPercent", "must be 1 to 100")
        }
        switch limit.scope {
        case .tenant: break
        case .key(nil), .model:
            guard meter.kind == .counter else {
                throw .invalid(place + ".scope", "must be tenant: only tenants hold allocations")
            }
        case .organization, .key:
            throw .invalid(place + ".scope", "must be tenant, key(nil) or model")
        }
        if limit.rollover != nil, limit.window.kind != .budget || limit.window == .lifetime {
            throw .invalid(place + ".rollover", "is for the windows day, week, month and year")
        }
        if let thresholds = limit.thresholds {
            try check(thresholds, of: limit.window, place + ".thresholds")
        }
    }

    private static func check(
        _ thresholds: [Int],
        of window: Window,
        _ place: String
    ) throws(WeirError) {
        guard window.hasAccount else {
            throw .invalid(place, "are for budgets and allocations; a \(window.rawValue) has none")
        }
        guard thresholds.count <= Limit.maximumThresholds else {
            throw .invalid(place, "must be at most \(Limit.maximumThresholds)")
        }
        if let index = thresholds.firstIndex(where: { !(1...100).contains($0) }) {
            throw .invalid("\(place)[\(index)]", "must be 1 to 100")
        }
    }
}
