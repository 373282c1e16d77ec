/// Unused units of one period that were carried into later ones.
public struct CarriedLot: Hashable, Sendable {
    /// The index of the period whose allowance they are from.
    public let originIndex: Int64
    /// How many are left, more than 0.
    public let units: Int64
    /// How many periods after its own the lot has reached: 1 in the next one.
    public let age: Int
    /// The highest age, by the policy that made the lot; nil for no end.
    public let maxAgePeriods: Int?
    /// The version of that policy.
    public let policyVersion: Int64

    /// Creates a lot, as read from storage.
    public init(
        originIndex: Int64,
        units: Int64,
        age: Int,
        maxAgePeriods: Int?,
        policyVersion: Int64
    ) {
        self.originIndex = originIndex
        self.units = units
        self.age = age
        self.maxAgePeriods = maxAgePeriods
        self.policyVersion = policyVersion
    }

    /// This lot with other units and, unless it stays in its period, another age.
    package func with(units: Int64, age: Int? = nil) -> CarriedLot {
        CarriedLot(
            originIndex: originIndex,
            units: units,
            age: age ?? self.age,
            maxAgePeriods: maxAgePeriods,
            policyVersion: policyVersion
        )
    }

    /// Whether the age is one that carrying makes, with room to grow.
    var isAgeValid: Bool { (1...1_000_000).contains(age) }

    /// Whether the lot may not enter one more period.
    var isAtMaximumAge: Bool {
        guard let maxAgePeriods else { return false }
        return age >= maxAgePeriods
    }
}
