/// A segment's file in memory, for as long as somebody holds this object.
///
/// A reader or a sync keeps it mapped, whatever is released meanwhile.
final class MappedSegment: Sendable {
    let number: Int64
    /// Where the file is, for errors.
    let path: String
    // Safe to share: the header's marks are written by the one sync of a stream at a time, records
    // by the one writer, and readers are told under the stream's lock how far they may read.
    nonisolated(unsafe) let region: UnsafeMutableRawBufferPointer
    private let descriptor: Int32
    private let files: any JournalFiles

    init(
        number: Int64,
        path: String,
        descriptor: Int32,
        region: UnsafeMutableRawBufferPointer,
        files: any JournalFiles
    ) {
        self.number = number
        self.path = path
        self.descriptor = descriptor
        self.region = region
        self.files = files
    }

    deinit {
        files.unmap(region)
        files.close(descriptor)
    }

    /// Brings what was written before the call to the disk.
    func sync() throws(SystemCallError) {
        try files.syncContents(descriptor, mapping: region)
    }

    /// Notes that the segment is on the disk to an offset.
    func mark(_ offset: Int, isClean: Bool = false) throws(JournalError) {
        let last = try SyncMark.read(from: UnsafeRawBufferPointer(region))
        guard last.offset < offset || isClean else { return }
        last.next(offset: offset, isClean: isClean).write(to: region)
    }
}
