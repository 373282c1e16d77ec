import UsageJournal

/// A segment in plain memory, with its writer.
final class MemorySegment {
    let region: UnsafeMutableRawBufferPointer
    let number: Int64
    private var writer: SegmentWriter

    init(number: Int64 = 0, segmentBytes: Int = 8_192, incarnation: Int64 = 7) throws {
        self.number = number
        region = .allocate(byteCount: segmentBytes, alignment: 64)
        region.initializeMemory(as: UInt8.self, repeating: 0)
        let header = SegmentHeader(
            identity: try Sample.identity(incarnation: incarnation), stream: 1, streamCount: 2,
            number: number, segmentBytes: segmentBytes)
        header.encode(into: region)
        writer = SegmentWriter(fresh: region)
    }

    deinit {
        region.deallocate()
    }

    var bytes: UnsafeRawBufferPointer { UnsafeRawBufferPointer(region) }
    var end: Int { writer.offset }

    func append(_ sample: Sample) -> Int? {
        sample.bytes.withUnsafeBytes { bytes in
            writer.append(sample.record, extension: bytes.isEmpty ? nil : bytes)
        }
    }

    /// Appends samples from a number on as long as they fit; answers the ends.
    func fill(from number: Int = 0, count: Int = .max) -> [Int] {
        var ends: [Int] = []
        while ends.count < count, let end = append(Sample(number + ends.count)) {
            ends.append(end)
        }
        return ends
    }

    func seal() {
        writer.seal()
    }

    func mark(_ offset: Int, isClean: Bool = false) throws {
        try SyncMark.read(from: bytes).next(offset: offset, isClean: isClean).write(to: region)
    }

    /// The samples in a segment, to an offset.
    static func samples(_ bytes: UnsafeRawBufferPointer, through end: Int) -> [Sample] {
        var reader = SegmentReader(bytes, through: end)
        var samples: [Sample] = []
        while case .record(let record, let bytes) = reader.next() {
            samples.append(Sample(record, bytes))
        }
        return samples
    }

    /// What a verifier finds in segments alone.
    static func verify(
        _ segments: [UnsafeRawBufferPointer],
        stored: JournalPosition = .start,
        sameBoot: Bool
    ) throws(JournalError) -> VerifiedStream {
        var verifier = StreamVerifier(stored: stored, survivedInMemory: sameBoot)
        for (index, segment) in segments.enumerated() {
            try verifier.add(segment, file: "segment \(index)")
        }
        return try verifier.finish()
    }
}
