import NIOCore
import RESPWire
import Testing

/// However bytes are cut, the same values come out.
@Suite struct RESPParserSplitTests {
    private static let corpus = RESPParserTests.table.map(\.wire).joined()
    private static let values = RESPParserTests.table.map(\.value)
    private static let seed: UInt64 = 20_261_123

    private func slice(_ from: Int, _ to: Int) throws -> ByteBuffer {
        let whole = ByteBuffer(Self.corpus)
        return try #require(whole.getSlice(at: from, length: to - from))
    }

    @Test("cut in two at each byte")
    func two() throws {
        let count = Self.corpus.utf8.count
        for at in 0...count {
            #expect(try parse([slice(0, at), slice(at, count)]) == Self.values, "cut at \(at)")
        }
    }

    @Test("cut in three at random")
    func three() throws {
        let count = Self.corpus.utf8.count
        var random = SeededRandom(seed: Self.seed)
        for round in 0..<500 {
            let cuts = [
                Int.random(in: 0...count, using: &random), .random(in: 0...count, using: &random),
            ]
            .sorted()
            let pieces = [
                try slice(0, cuts[0]), try slice(cuts[0], cuts[1]), try slice(cuts[1], count),
            ]
            #expect(try parse(pieces) == Self.values, "seed \(Self.seed), round \(round), \(cuts)")
        }
    }

    @Test("byte by byte")
    func bytes() throws {
        let count = Self.corpus.utf8.count
        let pieces = try (0..<count).map { try slice($0, $0 + 1) }
        #expect(try parse(pieces) == Self.values)
    }

    @Test("a large value byte by byte takes time in proportion")
    func linear() throws {
        // With a search from the start at each byte, this would be 10^11 steps.
        let line = String(repeating: "x", count: 60_000)
        let bulk = String(repeating: "y", count: 200_000)
        let wire = "+\(line)\r\n$200000\r\n\(bulk)\r\n"
        let pieces = wire.utf8.map { ByteBuffer(bytes: CollectionOfOne($0)) }
        #expect(try parse(pieces) == [.simple(line), .text(bulk)])
    }

    @Test("many values of which slices are kept, in small pieces")
    func kept() throws {
        let wire = (0..<5_000).map { "$\(String($0).utf8.count)\r\n\($0)\r\n" }.joined()
        let whole = ByteBuffer(wire)
        var pieces: [ByteBuffer] = []
        for start in stride(from: 0, to: whole.readableBytes, by: 7) {
            let length = min(7, whole.readableBytes - start)
            pieces.append(try #require(whole.getSlice(at: start, length: length)))
        }
        #expect(try parse(pieces) == (0..<5_000).map { .text(String($0)) })
    }

    @Test("mutations end in values, in an error, or in a wait for more")
    func mutations() {
        var random = SeededRandom(seed: Self.seed)
        let original = Array(Self.corpus.utf8)
        var limits = RESPLimits()
        limits.bulkBytes = 1 << 16
        for _ in 0..<20_000 {
            let start = Int.random(in: 0..<original.count, using: &random)
            var bytes = Array(original[start...].prefix(.random(in: 1...120, using: &random)))
            for _ in 0..<Int.random(in: 1...6, using: &random) {
                let at = Int.random(in: 0..<bytes.count, using: &random)
                switch Int.random(in: 0..<4, using: &random) {
                case 0: bytes[at] = .random(in: 0...255, using: &random)
                case 1: bytes.insert(original.randomElement(using: &random) ?? 0, at: at)
                case 2 where bytes.count > 1: bytes.remove(at: at)
                default:
                    bytes[at] =
                        Array("*$%~>|=!:0123456789-\r\n".utf8).randomElement(using: &random) ?? 0
                }
            }
            let cut = Int.random(in: 0...bytes.count, using: &random)
            let pieces = [ByteBuffer(bytes: bytes[..<cut]), ByteBuffer(bytes: bytes[cut...])]
            let inPieces = Result { try parse(pieces, limits: limits).count }
            let atOnce = Result { try parse([ByteBuffer(bytes: bytes)], limits: limits).count }
            // Both give up at the same place, though a value may have come out before in pieces.
            switch (inPieces, atOnce) {
            case (.success(let one), .success(let other)): #expect(one == other, "\(bytes)")
            case (.failure, .failure): break
            default: Issue.record("cut at \(cut) it is judged otherwise: \(bytes)")
            }
        }
    }

    @Test("hostile nesting and counts are refused, and take no memory")
    func hostile() {
        for wire in [
            String(repeating: "*1\r\n", count: 100_000),
            String(repeating: "|1\r\n", count: 100_000),
            String(repeating: "|1\r\n+a\r\n+b\r\n", count: 600_000),
            String(repeating: "*1000000\r\n", count: 1_000),
            String(repeating: "%524288\r\n", count: 2),
        ] {
            #expect(throws: RESPProtocolError.self) { try parse(wire) }
        }
    }
}
