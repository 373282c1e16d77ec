extension JournalFolder {
    /// Zeros are written in pieces of this size.
    private static let pieceBytes = 256 * 1_024

    /// Makes an empty segment that is whole on the disk before it has its name.
    ///
    /// It is filled with zeros, although preallocated files read as zeros: a sync of blocks that
    /// were written once is a write and no change of the file system's own records, and the pages
    /// lie in memory when the first record comes.
    ///
    /// - Throws: `disk_full` or `unusable_folder` when there is no such file afterwards, `broken`
    ///   when a sync failed.
    func makeSegment(_ header: SegmentHeader) throws(JournalError) -> MappedSegment {
        let name = SegmentName(
            incarnation: header.identity.incarnation, stream: header.stream, number: header.number)
        let unfinished = path(name.text + SegmentName.unfinished)
        let segment = try fill(unfinished, header, finalPath: path(name.text))
        do {
            try files.rename(unfinished, to: path(name.text))
        } catch {
            try? files.remove(unfinished)
            throw unusable(error, unfinished)
        }
        try syncNames()
        return segment
    }

    /// Makes the file under its unfinished name; leaves none behind when it fails.
    private func fill(
        _ path: String,
        _ header: SegmentHeader,
        finalPath: String
    ) throws(JournalError) -> MappedSegment {
        // A try that failed before may have left one that could not be removed either.
        try? files.remove(path)
        let descriptor: Int32
        do { descriptor = try files.create(path) } catch { throw unusable(error, path) }
        do {
            let region = try write(header, to: descriptor, path)
            return MappedSegment(
                number: header.number, path: finalPath, descriptor: descriptor, region: region,
                files: files)
        } catch {
            files.close(descriptor)
            try? files.remove(path)
            throw error
        }
    }

    private func write(
        _ header: SegmentHeader,
        to descriptor: Int32,
        _ path: String
    ) throws(JournalError) -> UnsafeMutableRawBufferPointer {
        do {
            try files.preallocate(descriptor, bytes: header.segmentBytes)
            try writeContents(header, to: descriptor)
        } catch {
            throw unusable(error, path)
        }
        do { try files.sync(descriptor) } catch { throw broken(error, path) }
        do {
            return try files.map(descriptor, bytes: header.segmentBytes)
        } catch {
            throw unusable(error, path)
        }
    }

    private func writeContents(
        _ header: SegmentHeader,
        to descriptor: Int32
    ) throws(SystemCallError) {
        let piece = UnsafeMutableRawBufferPointer.allocate(
            byteCount: min(Self.pieceBytes, header.segmentBytes),
            alignment: SegmentLayout.slotBytes)
        defer { piece.deallocate() }
        piece.initializeMemory(as: UInt8.self, repeating: 0)
        header.encode(into: piece)
        var offset = 0
        while offset < header.segmentBytes {
            let count = min(piece.count, header.segmentBytes - offset)
            let bytes = UnsafeRawBufferPointer(rebasing: piece[..<count])
            try files.write(bytes, to: descriptor, at: offset)
            offset += count
            piece.initializeMemory(as: UInt8.self, repeating: 0)
        }
    }
}
