import NIOCore
import RESPWire

extension ByteBuffer {
    init(_ text: String) {
        self.init(string: text)
    }
}

/// All that a parser makes of pieces, in their order.
func parse(
    _ pieces: [ByteBuffer], limits: RESPLimits = RESPLimits()
) throws(RESPProtocolError) -> [RESPValue] {
    var parser = RESPParser(limits: limits)
    var values: [RESPValue] = []
    for piece in pieces {
        parser.append(piece)
        while let value = try parser.next() { values.append(value) }
    }
    return values
}

func parse(
    _ text: String, limits: RESPLimits = RESPLimits()
) throws(RESPProtocolError) -> [RESPValue] {
    try parse([ByteBuffer(text)], limits: limits)
}

extension RESPValue {
    static func text(_ text: String) -> RESPValue { .bulk(ByteBuffer(string: text)) }
}

/// SplitMix64 (Steele, Lea, Flood 2014), so that a test can be repeated by its seed.
struct SeededRandom: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) {
        state = seed
    }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}
