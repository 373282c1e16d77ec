#if os(Linux)
import Foundation

/// A disk of a size, in memory; only the superuser can have one.
final class SmallDisk: Sendable {
    /// Whether this machine gives one.
    static let isPossible = geteuid() == 0 && (try? SmallDisk(kibibytes: 64)) != nil

    private let folder: TemporaryFolder

    var path: String { folder.path }

    init(kibibytes: Int) throws {
        folder = try TemporaryFolder()
        guard mount("tmpfs", folder.path, "tmpfs", 0, "size=\(kibibytes)k") == 0 else {
            throw CocoaError(.fileWriteNoPermission)
        }
    }

    deinit {
        // What is open in it still goes with it.
        umount2(folder.path, Int32(MNT_DETACH))
    }
}
#endif
