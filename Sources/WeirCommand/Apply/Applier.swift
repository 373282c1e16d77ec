import QuotaModel
import StrictJSON
import WeirClient
import WeirHTTP

/// Compares a manifest with a server and does what differs.
struct Applier: Sendable {
    let session: Session
    let reason: String?

    /// Asks for what the server has of each entry, and of what tenants name.
    func compare(_ entries: [ManifestEntry], now: Timestamp) async throws -> ManifestDiff {
        var diff = ManifestDiff()
        for entry in entries {
            let found = try await session.found(entry.lookup)
            diff.add(entry, found: found, now: now)
        }
        for reference in diff.references(outside: entries) {
            let call = Call(.get, ["api", "admin"] + reference.path)
            if try await session.found(call) == nil { diff.warn(of: reference) }
        }
        return diff
    }

    /// Throws what the server would refuse, before anything is changed.
    func check(
        _ diff: ManifestDiff, _ entries: [ManifestEntry], path: String, now: Timestamp
    ) async throws {
        var tenants: Set<ExactString> = []
        for entry in entries where entry.kind == .tenant { tenants.insert(ExactString(entry.id)) }
        let countsPeriods = entries.contains { $0.members["periods"] != nil }
        var overrides: [ExactString: PlannedOverrides] = [:]
        for step in diff.steps where step.entry.kind == .override {
            let id = step.entry.members["tenant"]?.stringValue ?? ""
            guard overrides[ExactString(id)] == nil,
                let tenant = try await session.found(.admin(.get, "tenants", id))
            else { continue }
            tenants.insert(ExactString(id))
            let known = try await session.all(.admin(.get, "tenants", id, "overrides"))
            // Periods that are under way keep their ends, whatever the tenant's calendar says.
            let usage =
                countsPeriods
                ? try await session.found(.decision(.get, "usage").asking("tenant", id)) : nil
            overrides[ExactString(id)] = PlannedOverrides(
                tenant: tenant, overrides: known, usage: usage, now: now)
        }
        let meters = try await session.all(.admin(.get, "meters"))
        var check = ManifestCheck(
            meters: meters, tenants: tenants, overrides: overrides, now: now)
        let problems = check.problems(of: diff.steps)
        guard problems.isEmpty else {
            throw CommandFailure(
                problems.map { "\(SafeText.line(path)), \($0)" }.joined(separator: "\n")
                    + "\nNothing was changed.")
        }
    }

    /// Does the steps one after the other, and stops at the first that fails.
    func act(on diff: ManifestDiff) async throws {
        for (index, step) in diff.steps.enumerated() {
            let call = step.call.because(step.call.body?["reason"] == nil ? reason : nil)
            do {
                let answer = try await session.value(of: call)
                for warning in answer["warnings"]?.arrayValue ?? [] {
                    Terminal.say("warning: \(step.entry.title): \(MemberTable.cell(warning))")
                }
            } catch {
                throw CommandFailure(
                    "\(step.entry.title), line \(step.entry.line): \(error)\n"
                        + "\(index) of \(diff.steps.count) changes were made before it; apply again"
                        + " compares anew and goes on from there.")
            }
        }
    }
}
