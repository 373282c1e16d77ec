/// What a tenant has bought: a set of limits and a weight in the queue.
public struct Plan: Hashable, Sendable {
    /// The id, for example `free`.
    public let id: PlanID
    /// The name for people.
    public var name: String
    /// The share of a busy backend, relative to other plans.
    public var weight: Int64
    /// The limits; no two have the same name.
    public var limits: [Limit]
    /// The ledger's revision at which this form was written.
    public var revision: Int64

    /// Creates a plan.
    public init(id: PlanID, name: String, weight: Int64, limits: [Limit], revision: Int64 = 0) {
        self.id = id
        self.name = name
        self.weight = weight
        self.limits = limits
        self.revision = revision
    }
}

extension Plan {
    /// Whether it leaves something of each key's period to the key's next one.
    package var carriesForKeys: Bool {
        limits.contains { $0.rollover != nil && $0.scope.isOfKey }
    }
}

extension PlanID {
    /// The plan of tenants that name none, or one that does not exist.
    public static var fallback: PlanID { PlanID(trusted: "free") }

    /// This id with the alias `pro` resolved to `professional`.
    public var canonical: PlanID {
        text == "pro" ? PlanID(trusted: "professional") : self
    }
}

extension Plan {
    /// The plans that every ledger begins with, from the smallest to the largest.
    public static let builtIn: [Plan] = [
        standard("free", "Free", weight: 1, [1_000, 100_000, 1, 3, 2]),
        standard("starter", "Starter", weight: 2, [50_000, 1_000_000, 10, 10, 10]),
        standard("professional", "Professional", weight: 4, [500_000, 10_000_000, 100, 50, 100]),
        standard("enterprise", "Enterprise", weight: 8, [nil, nil, nil, nil, nil]),
    ]

    private static func standard(
        _ id: String,
        _ name: String,
        weight: Int64,
        _ quantities: [Int64?]
    ) -> Plan {
        let limits = zip(Meter.builtIn, quantities)
            .map { meter, quantity in
                Limit(
                    meter: meter.id,
                    window: meter.kind == .allocation ? .none : .month,
                    quantity: quantity
                )
            }
        return Plan(id: PlanID(trusted: id), name: name, weight: weight, limits: limits)
    }
}
