/// The types of parameters and columns, by their numbers in PostgreSQL's catalogue.
package enum PostgresType: UInt32, Sendable {
    case integer = 20
    case text = 25
    case bytes = 17

    /// The type of an array of it.
    var array: UInt32 {
        switch self {
        case .integer: 1_016
        case .text: 1_009
        case .bytes: 1_001
        }
    }

    /// How SQL names it.
    package var name: String {
        switch self {
        case .integer: "bigint"
        case .text: "text"
        case .bytes: "bytea"
        }
    }
}

/// The parameters of a statement, in PostgreSQL's binary form, one after the other.
package struct PostgresParameters {
    private var space: [UInt8] = []
    /// Where each lies; nil for null.
    private var ranges: [Range<Int>?] = []

    package init() {}

    package var count: Int { ranges.count }

    package mutating func removeAll() {
        space.removeAll(keepingCapacity: true)
        ranges.removeAll(keepingCapacity: true)
    }

    package mutating func add(_ value: Int64?) {
        guard let value else { return ranges.append(nil) }
        let start = space.count
        space.append(bigEndian: value)
        ranges.append(start..<space.count)
    }

    package mutating func add(_ bytes: (some Collection<UInt8>)?) {
        guard let bytes else { return ranges.append(nil) }
        let start = space.count
        space.append(contentsOf: bytes)
        ranges.append(start..<space.count)
    }

    /// Adds an array.
    package mutating func add(_ array: PostgresArray) {
        let start = space.count
        array.append(to: &space)
        ranges.append(start..<space.count)
    }

    /// Calls with what libpq wants: addresses, lengths and formats, all of them binary.
    func withPointers<Value>(
        _ body: (
            UnsafePointer<UnsafePointer<CChar>?>?, UnsafePointer<CInt>?, UnsafePointer<CInt>?
        ) -> Value
    ) -> Value {
        space.withUnsafeBytes { space in
            let base = space.baseAddress?.assumingMemoryBound(to: CChar.self)
            // An empty value is not null, and must have an address.
            return withUnsafePointer(to: CChar(0)) { empty in
                let addresses: [UnsafePointer<CChar>?] = ranges.map { range in
                    range.map { range in base.map { $0 + range.lowerBound } ?? empty }
                }
                let lengths = ranges.map { CInt($0?.count ?? 0) }
                let formats = [CInt](repeating: 1, count: ranges.count)
                return body(addresses, lengths, formats)
            }
        }
    }
}

/// A column of values to insert, sent as one parameter.
package struct PostgresArray {
    private let type: PostgresType
    private var elements: [UInt8] = []
    private var count: Int32 = 0
    private var hasNull = false

    package init(of type: PostgresType) {
        self.type = type
    }

    package mutating func append(_ value: Int64?) {
        count += 1
        guard let value else { return appendNull() }
        elements.append(bigEndian: 8 as Int32)
        elements.append(bigEndian: value)
    }

    package mutating func append(_ bytes: (some Collection<UInt8>)?) {
        count += 1
        guard let bytes else { return appendNull() }
        elements.append(bigEndian: Int32(bytes.count))
        elements.append(contentsOf: bytes)
    }

    private mutating func appendNull() {
        hasNull = true
        elements.append(bigEndian: -1 as Int32)
    }

    /// Appends the binary form of an array of one dimension.
    func append(to space: inout [UInt8]) {
        space.append(bigEndian: 1 as Int32)
        space.append(bigEndian: (hasNull ? 1 : 0) as Int32)
        space.append(bigEndian: Int32(type.rawValue))
        space.append(bigEndian: count)
        space.append(bigEndian: 1 as Int32)
        space.append(contentsOf: elements)
    }
}

extension [UInt8] {
    fileprivate mutating func append(bigEndian value: some FixedWidthInteger) {
        Swift.withUnsafeBytes(of: value.bigEndian) { append(contentsOf: $0) }
    }
}
