import Synchronization

/// The one place for a backup: taken while one is made and until it is read.
final class BackupSlot: Sendable {
    private let isTaken = Atomic(false)

    /// Takes the place, if it is free.
    func take() -> Bool { !isTaken.exchange(true, ordering: .acquiringAndReleasing) }

    /// Frees the place.
    func free() { isTaken.store(false, ordering: .releasing) }
}
