import QuotaModel

/// A local time that a zone skips or repeats, and the instant it stands for.
struct ResolutionVector: Sendable {
    let zone: String
    let local: String
    let expected: String

    static let all = [
        // A gap of an hour, and the hour that occurs twice.
        ResolutionVector(
            zone: "Europe/Berlin",
            local: "2024-03-31T02:30",
            expected: "2024-03-31T01:30:00Z"
        ),
        ResolutionVector(
            zone: "Europe/Berlin",
            local: "2024-10-27T02:30",
            expected: "2024-10-27T00:30:00Z"
        ),
        // Half an hour, both ways.
        ResolutionVector(
            zone: "Australia/Lord_Howe",
            local: "2024-10-06T02:15",
            expected: "2024-10-05T15:45:00Z"
        ),
        ResolutionVector(
            zone: "Australia/Lord_Howe",
            local: "2024-04-07T01:45",
            expected: "2024-04-06T14:45:00Z"
        ),
        // Two hours.
        ResolutionVector(
            zone: "Antarctica/Troll",
            local: "2024-03-31T01:30",
            expected: "2024-03-31T01:30:00Z"
        ),
        // A whole day skipped at the date line.
        ResolutionVector(
            zone: "Pacific/Apia",
            local: "2011-12-30T00:00",
            expected: "2011-12-30T10:00:00Z"
        ),
        ResolutionVector(
            zone: "Pacific/Kwajalein",
            local: "1993-08-21T12:00",
            expected: "1993-08-22T00:00:00Z"
        ),
        // Summer time that pauses for Ramadan.
        ResolutionVector(
            zone: "Africa/Casablanca",
            local: "2023-03-19T02:30",
            expected: "2023-03-19T01:30:00Z"
        ),
        ResolutionVector(
            zone: "Africa/Casablanca",
            local: "2023-04-23T02:30",
            expected: "2023-04-23T02:30:00Z"
        ),
    ]

    /// Checks the resolution.
    func check() throws(CalendarError) {
        let rules = try ZoneRules(zone)
        let found = LocalDateTime(local).map { rules.resolve($0).description } ?? "no local time"
        guard found == expected else {
            throw CalendarSelfCheck.failure(
                "\(zone) at \(local)",
                expected: expected,
                found: found
            )
        }
    }
}
