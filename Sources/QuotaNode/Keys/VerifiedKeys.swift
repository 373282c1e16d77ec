import QuotaEngine
import QuotaLedger
import QuotaModel
import Synchronization

/// Keys that were verified, so that the next request with one costs no HMAC.
///
/// Bounded, and emptied of a key at once when that changes. A secret is compared whole and in
/// constant time; it lies in memory only.
final class VerifiedKeys: Sendable {
    fileprivate final class Verified {
        let secret: [UInt8]
        let key: APIKey
        let loadedAt: Timestamp
        /// Until when the secret is accepted, when it is one that was replaced.
        let expiresAt: Timestamp?
        var notedAt: Timestamp

        init(_ secret: [UInt8], _ key: APIKey, expiresAt: Timestamp?, now: Timestamp) {
            self.secret = secret
            self.key = key
            self.expiresAt = expiresAt
            (loadedAt, notedAt) = (now, now)
        }
    }

    fileprivate struct State {
        /// Grows with each change: what was read before it must not be kept after it.
        var generation = 0
        /// By public id: the current secret, and one that was replaced.
        var keys: GenerationCache<APIKeyText.PublicID, [Verified]>
        /// When keys were used, where the ledger has not been told.
        var uses: [APIKeyID: Timestamp] = [:]
    }

    /// How often the use of a key is noted: once a minute, in nanoseconds.
    private static let noteNanoseconds: Int64 = 60_000_000_000
    /// The most uses that wait for the ledger.
    private static let maximumUses = 65_536

    private let state: Mutex<State>
    private let ttlNanoseconds: Int64

    init(maximumCount: Int, ttlNanoseconds: Int64) {
        state = Mutex(State(keys: GenerationCache(maximumCount: maximumCount)))
        self.ttlNanoseconds = ttlNanoseconds
    }

    /// Counts changes; see ``keep(_:_:expiresAt:generation:now:)``.
    var generation: Int { state.withLock { $0.generation } }

    /// The key of a text that was verified before, where it is accepted still.
    func key(_ text: String, now: Timestamp) -> APIKey? {
        guard let publicID = APIKeyText.PublicID(ofKey: text) else { return nil }
        return state.withLock { state in
            guard let known = state.keys.value(publicID),
                let found = known.first(where: { $0.secret.isEqualInConstantTime(to: text) }),
                now.nanoseconds(since: found.loadedAt) < ttlNanoseconds,
                found.expiresAt.map({ now < $0 }) ?? true,
                found.key.isAccepted(at: now)
            else { return nil }
            if now.nanoseconds(since: found.notedAt) >= Self.noteNanoseconds {
                found.notedAt = now
                state.note(found.key.id, at: now, maximum: Self.maximumUses)
            }
            return found.key
        }
    }

    /// Keeps a text that was just verified, unless something has changed since it was looked up.
    func keep(
        _ text: APIKeyText,
        _ key: APIKey,
        expiresAt: Timestamp?,
        generation: Int,
        now: Timestamp
    ) {
        state.withLock { state in
            state.note(key.id, at: now, maximum: Self.maximumUses)
            guard state.generation == generation,
                let publicID = APIKeyText.PublicID(text.publicID)
            else { return }
            let verified = Verified(
                Array(text.text.utf8), key, expiresAt: expiresAt, now: now)
            let known = state.keys.value(publicID) ?? []
            let others = known.filter { $0.secret != verified.secret }
            state.keys.put([verified] + others.prefix(1), publicID)
        }
    }

    /// Forgets a key: it has changed.
    func forget(publicID: String) {
        state.withLock { state in
            state.generation += 1
            if let publicID = APIKeyText.PublicID(publicID) { state.keys.remove(publicID) }
        }
    }

    /// Forgets all keys.
    func clear() {
        state.withLock { state in
            state.generation += 1
            state.keys.removeAll()
        }
    }

    /// When a key was last used, where the ledger has not been told.
    func lastUse(of id: APIKeyID) -> Timestamp? { state.withLock { $0.uses[id] } }

    /// The uses that the ledger has not been told.
    func takeUses() -> [APIKeyID: Timestamp] {
        state.withLock { state in
            let uses = state.uses
            state.uses = [:]
            return uses
        }
    }
}

extension VerifiedKeys.State {
    fileprivate mutating func note(_ id: APIKeyID, at now: Timestamp, maximum: Int) {
        guard uses.count < maximum || uses[id] != nil else { return }
        uses[id] = now
    }
}

extension [UInt8] {
    /// Compares all bytes, wherever the first difference is; eight at a time.
    fileprivate func isEqualInConstantTime(to text: String) -> Bool {
        var text = text
        return text.withUTF8 { shown in
            withUnsafeBytes { secret in
                let shown = UnsafeRawBufferPointer(shown)
                guard shown.count == secret.count else { return false }
                var difference: UInt64 = 0
                var place = 0
                while place + 8 <= secret.count {
                    difference |=
                        secret.loadUnaligned(fromByteOffset: place, as: UInt64.self)
                        ^ shown.loadUnaligned(fromByteOffset: place, as: UInt64.self)
                    place += 8
                }
                while place < secret.count {
                    difference |= UInt64(secret[place] ^ shown[place])
                    place += 1
                }
                return difference == 0
            }
        }
    }
}
