import QuotaModel
import StrictJSON
import WeirClient

/// Compares a manifest with a server and does what differs.
struct Applier: Sendable {
    let session: Session
    let reason: String?

    /// Asks for what the server has of each entry.
    func compare(_ entries: [ManifestEntry], now: Timestamp) async throws -> ManifestDiff {
        var diff = ManifestDiff()
        for entry in entries {
            let found = try await session.found(Call(.get, ["api", "admin"] + entry.path))
            diff.add(entry, found: found, now: now)
        }
        return diff
    }

    /// Does the steps one after the other, and stops at the first that fails.
    func act(on diff: ManifestDiff) async throws {
        for (index, step) in diff.steps.enumerated() {
            let call = step.call.because(step.call.body?["reason"] == nil ? reason : nil)
            do {
                _ = try await session.value(of: call)
            } catch {
                throw CommandFailure(
                    "\(step.entry.title), line \(step.entry.line): \(error)\n"
                        + "\(index) of \(diff.steps.count) changes were made before it; apply again"
                        + " goes on from there.")
            }
        }
    }
}
