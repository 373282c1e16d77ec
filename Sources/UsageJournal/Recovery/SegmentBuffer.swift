/// A copy of one segment's file in memory, loaded anew for each segment.
///
/// A copy, not a mapping: a file that is cut off or can't be read is an error then, and no signal.
final class SegmentBuffer {
    private let folder: JournalFolder
    private var memory: UnsafeMutableRawBufferPointer

    /// The file's bytes, at an address that a slot's size divides.
    private(set) var bytes: UnsafeRawBufferPointer

    init(_ folder: JournalFolder) {
        self.folder = folder
        memory = .allocate(byteCount: 0, alignment: SegmentLayout.slotBytes)
        bytes = UnsafeRawBufferPointer(memory)
    }

    deinit {
        memory.deallocate()
    }

    /// Reads a file.
    ///
    /// - Parameters:
    ///   - name: its name in the folder.
    ///   - boot: the boot that the machine is in, if the file is to be brought to the disk when it
    ///     was written in the same: what is taken over must be there, and the system may have
    ///     failed to write what a dead process left.
    /// - Throws: `unusable_folder` when it can't be read, `broken` when it can't be brought to the
    ///   disk, `damaged` when it is larger than any segment.
    func load(_ name: String, syncingIf boot: BootID? = nil) throws(JournalError) {
        let path = folder.path(name)
        let descriptor: Int32
        do { descriptor = try folder.files.open(path) } catch { throw folder.unusable(error, path) }
        defer { folder.files.close(descriptor) }
        try load(descriptor, path)
        guard let boot, let header = try? SegmentHeader(decoding: bytes),
            header.identity.boot == boot
        else { return }
        do { try folder.files.sync(descriptor) } catch { throw folder.broken(error, path) }
    }

    private func load(_ descriptor: Int32, _ path: String) throws(JournalError) {
        let size: Int
        do { size = try folder.files.size(descriptor) } catch {
            throw folder.unusable(error, path)
        }
        guard size <= SegmentLayout.largestSegmentBytes else {
            throw JournalError(.damaged, "no segment has \(size) bytes", file: path)
        }
        do { try read(descriptor, size: size) } catch { throw folder.unusable(error, path) }
    }

    private func read(_ descriptor: Int32, size: Int) throws(SystemCallError) {
        if memory.count < size {
            memory.deallocate()
            memory = .allocate(byteCount: size, alignment: SegmentLayout.slotBytes)
        }
        let target = UnsafeMutableRawBufferPointer(rebasing: memory[..<size])
        let count = try folder.files.read(descriptor, at: 0, into: target)
        bytes = UnsafeRawBufferPointer(rebasing: memory[..<count])
    }
}
