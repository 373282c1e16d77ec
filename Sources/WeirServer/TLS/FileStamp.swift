import Foundation

/// What changes when a file does: its time, its size, its inode.
struct FileStamp: Hashable, Sendable {
    var modifiedAt: Date?
    var size: Int?
    var inode: Int?
}

extension FileStamp {
    /// The stamp of the file that a path leads to, links followed; all nil when there is none.
    init(path: String) {
        let file = URL(fileURLWithPath: path).resolvingSymlinksInPath().path
        let attributes = try? FileManager.default.attributesOfItem(atPath: file)
        modifiedAt = attributes?[.modificationDate] as? Date
        size = attributes?[.size] as? Int
        inode = attributes?[.systemFileNumber] as? Int
    }
}
