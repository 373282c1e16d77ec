public import QuotaModel

/// The limits of a meter at whose soft limit a tenant is, or beyond.
public struct NearLimits: Sendable {
    /// Those that are approached or used up; empty where there is room.
    public let limits: [LimitStatus]
    /// The plan whose limits hold.
    public let plan: PlanID
    /// The instant the figures are of.
    public let asOf: Timestamp

    /// Whether there is one.
    public var isNear: Bool { !limits.isEmpty }
}
