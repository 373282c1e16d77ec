package import QuotaLedger
package import QuotaModel

// What was booked for a decision.
extension QuotaNode {
    /// How long after a decision its units may have been admitted, in nanoseconds: a call to the
    /// ledger may lie between.
    private static let admissionDelay: Int64 = 10_000_000_000
    /// The most events that are looked at for one decision.
    private static let maximumSearchedEvents = 10_000
    private static let searchPage = 1_000

    /// The events that were booked for a decision, found by the time that its id tells.
    ///
    /// A booking has the time of its admission, which follows the decision's at once; at most
    /// ``maximumSearchedEvents`` of the tenant's events are looked at.
    ///
    /// - Parameters:
    ///   - id: the decision.
    ///   - tenant: whose it is.
    ///   - belongs: whether an event is one of its.
    /// - Returns: the events, one a meter; none where nothing is found.
    /// - Throws: what the node throws.
    package func events(
        ofDecision id: String,
        tenant: TenantID,
        _ belongs: (UsageEvent) -> Bool
    ) async throws(NodeError) -> [UsageEvent] {
        guard let packed = PackedID(id, after: JournalCodec.decisionPrefix()),
            case (let time, let overflow) = (packed.high >> 16)
                .multipliedReportingOverflow(by: 1_000_000),
            !overflow, let nanoseconds = Int64(exactly: time)
        else { return [] }
        let start = Timestamp(nanoseconds: nanoseconds)
        var page = EventPage(
            tenant: tenant, start: start, end: start.adding(nanoseconds: Self.admissionDelay),
            isOldestFirst: true, limit: Self.searchPage)
        var found: [UsageEvent] = []
        for _ in 0..<Self.maximumSearchedEvents / Self.searchPage {
            let events = try await events(page)
            for event in events {
                if belongs(event) {
                    found.append(event)
                } else if !found.isEmpty {
                    // All of one booking lie together.
                    return found
                }
            }
            guard events.count == Self.searchPage, let last = events.last else { break }
            page = page.following(last)
        }
        return found
    }
}
