import QuotaModel

/// A cycle whose boundaries are known.
struct BoundaryVector: Sendable {
    let zone: String
    let anchor: String
    let interval: BillingInterval
    /// The index of the first of `boundaries`.
    let firstIndex: Int64
    /// Consecutive boundaries in UTC.
    let boundaries: [String]

    /// Month ends, leap days, changes of offset in both directions, and a zone east of UTC.
    static let all = [
        BoundaryVector(
            zone: "UTC",
            anchor: "2026-01-31",
            interval: .month,
            firstIndex: 0,
            boundaries: [
                "2026-01-31T00:00:00Z", "2026-02-28T00:00:00Z", "2026-03-31T00:00:00Z",
                "2026-04-30T00:00:00Z", "2026-05-31T00:00:00Z",
            ]
        ),
        BoundaryVector(
            zone: "Africa/Lagos",
            anchor: "2028-01-31",
            interval: .month,
            firstIndex: 0,
            boundaries: [
                "2028-01-30T23:00:00Z", "2028-02-28T23:00:00Z", "2028-03-30T23:00:00Z",
                "2028-04-29T23:00:00Z", "2028-05-30T23:00:00Z",
            ]
        ),
        BoundaryVector(
            zone: "UTC",
            anchor: "2027-12-29",
            interval: .month,
            firstIndex: 1,
            boundaries: ["2028-01-29T00:00:00Z", "2028-02-29T00:00:00Z", "2028-03-29T00:00:00Z"]
        ),
        BoundaryVector(
            zone: "UTC",
            anchor: "2024-02-29",
            interval: .year,
            firstIndex: 1,
            boundaries: [
                "2025-02-28T00:00:00Z", "2026-02-28T00:00:00Z", "2027-02-28T00:00:00Z",
                "2028-02-29T00:00:00Z",
            ]
        ),
        BoundaryVector(
            zone: "America/New_York",
            anchor: "2026-01-01",
            interval: .month,
            firstIndex: 2,
            boundaries: ["2026-03-01T05:00:00Z", "2026-04-01T04:00:00Z"]
        ),
        BoundaryVector(
            zone: "America/New_York",
            anchor: "2026-10-01T01:00",
            interval: .month,
            firstIndex: 1,
            boundaries: ["2026-11-01T05:00:00Z", "2026-12-01T06:00:00Z"]
        ),
        BoundaryVector(
            zone: "Asia/Kolkata",
            anchor: "2026-04-01",
            interval: .year,
            firstIndex: 0,
            boundaries: ["2026-03-31T18:30:00Z", "2027-03-31T18:30:00Z"]
        ),
    ]

    /// Checks each boundary, and that it belongs to the new period and one nanosecond earlier to
    /// the old one.
    func check() throws(CalendarError) {
        let name = "\(zone) every \(interval.rawValue) from \(anchor)"
        guard let anchor = LocalDateTime(anchor) else {
            throw CalendarSelfCheck.failure(name, expected: "an anchor", found: "none")
        }
        let cycle = try BillingCycle(zone: ZoneRules(zone), anchor: anchor, interval: interval)
        for (offset, expected) in boundaries.enumerated() {
            let index = firstIndex + Int64(offset)
            let boundary = cycle.boundary(index)
            guard boundary.description == expected else {
                throw CalendarSelfCheck.failure(
                    "\(name), boundary \(index),",
                    expected: expected,
                    found: "\(boundary)"
                )
            }
            let after = cycle.period(containing: boundary)
            let before = cycle.period(containing: boundary.adding(nanoseconds: -1))
            guard after.index == index, before.index == index - 1, before.end == after.start else {
                throw CalendarSelfCheck.failure(
                    "\(name), periods at \(expected),",
                    expected: "\(index - 1) and \(index)",
                    found: "\(before.index) and \(after.index)"
                )
            }
        }
    }
}
