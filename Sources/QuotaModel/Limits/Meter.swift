/// Something that is counted.
public struct Meter: Hashable, Sendable {
    /// Whether use is consumed or held.
    public enum Kind: String, Hashable, Sendable, CaseIterable {
        /// Use adds up and starts anew each period.
        case counter
        /// Units are taken and given back: seats, projects, storage.
        case allocation
    }

    /// How usage is kept.
    public enum Recording: String, Hashable, Sendable, CaseIterable {
        /// A row for each consumption.
        case event
        /// A row per key, model and hour; single events only when keyed or with metadata.
        case hourly
    }

    /// The id, for example `ai_tokens`.
    public let id: MeterID
    /// Whether use is consumed or held.
    public let kind: Kind
    /// How usage is kept.
    public let recording: Recording

    /// Creates a meter.
    public init(id: MeterID, kind: Kind, recording: Recording) {
        self.id = id
        self.kind = kind
        self.recording = recording
    }
}

extension Meter {
    /// Requests to the product's API.
    public static let apiCalls = Meter(
        id: MeterID(trusted: "api_calls"), kind: .counter, recording: .hourly)
    /// Tokens of language models, prompt and completion.
    public static let aiTokens = Meter(
        id: MeterID(trusted: "ai_tokens"), kind: .counter, recording: .event)
    /// Storage in gigabytes.
    public static let storageGB = Meter(
        id: MeterID(trusted: "storage_gb"), kind: .allocation, recording: .event)
    /// Seats.
    public static let teamMembers = Meter(
        id: MeterID(trusted: "team_members"), kind: .allocation, recording: .event)
    /// Projects.
    public static let projects = Meter(
        id: MeterID(trusted: "projects"), kind: .allocation, recording: .event)

    /// The meters that every ledger begins with.
    public static let builtIn = [apiCalls, aiTokens, storageGB, teamMembers, projects]
}
