import NIOCore
import QuotaModel
import QuotaNode
import StrictJSON

/// The body of `batch`: several requests for decisions, of which some may be wrong.
struct BatchBody {
    /// The most items of a batch.
    static let maximumItems = 1_000
    /// For so many there is room from the start.
    private static let usualItems = 100

    enum Operation: String, CaseIterable {
        case consume
        case check
        case reserve
    }

    let operation: Operation
    /// How many items there are, right and wrong.
    private(set) var count = 0
    /// The items that can be decided, in their order.
    private(set) var items: [BatchItem] = []
    /// What is wrong with the others, by their place in the body.
    private(set) var problems: [Int: Problem] = [:]

    /// Reads a body, if need be as a tree.
    init(_ bytes: ByteBuffer, _ caller: Caller) throws(Problem) {
        if let common = Self(common: bytes, caller) {
            self = common
        } else {
            try self.init(APIRequest.json(bytes), caller)
        }
    }

    private init(_ json: JSONValue, _ caller: Caller) throws(Problem) {
        var body = try BodyReader(json)
        operation = try body.required(
            try body.choice("operation", Operation.self), "operation")
        let values = try body.required(try body.array("items"), "items")
        try body.finish()
        guard (1...Self.maximumItems).contains(values.count) else {
            throw body.invalid("items", "must have 1 to \(Self.maximumItems) elements")
        }
        for value in values { add(value, caller) }
    }

    /// Where an item stands in the body.
    static func pointer(_ index: Int) -> JSONPointer {
        .root.member("items").element(index)
    }
}

// MARK: - Item by item

extension BatchBody {
    private enum Member: Int, JSONMemberName {
        case operation
        case items

        var name: StaticString {
            switch self {
            case .operation: "operation"
            case .items: "items"
            }
        }
    }

    /// Reads a body item by item; nil where the whole tree is needed to say what is wrong.
    private init?(common bytes: ByteBuffer, _ caller: Caller) {
        let body = bytes.withUnsafeReadableBytes { bytes in
            var reader = JSONReader(bytes.assumingMemoryBound(to: UInt8.self))
            return try? BatchBody(&reader, caller)
        }
        guard let body else { return nil }
        self = body
    }

    private init(_ reader: inout JSONReader, _ caller: Caller) throws(JSONReader.Refusal) {
        let start = reader.mark()
        // The items can't be read before it is known what is asked for.
        operation = try Self.operation(&reader)
        reader.goBack(to: start)
        var body = try reader.beginObject()
        while let member: Member = try reader.nextMember(of: &body) {
            switch member {
            case .operation: try reader.skip()
            case .items: try addItems(&reader, caller)
            }
        }
        try reader.end()
        guard count > 0 else { throw JSONReader.Refusal() }
    }

    private static func operation(
        _ reader: inout JSONReader
    ) throws(JSONReader.Refusal) -> Operation {
        var body = try reader.beginObject()
        while let member: Member = try reader.nextMember(of: &body) {
            switch member {
            case .operation:
                guard let operation = Operation(rawValue: try reader.string()) else {
                    throw JSONReader.Refusal()
                }
                return operation
            case .items: try reader.skip()
            }
        }
        throw JSONReader.Refusal()
    }

    private mutating func addItems(
        _ reader: inout JSONReader,
        _ caller: Caller
    ) throws(JSONReader.Refusal) {
        var array = try reader.beginArray()
        items.reserveCapacity(Self.usualItems)
        while try reader.nextElement(of: &array) {
            guard count < Self.maximumItems else { throw JSONReader.Refusal() }
            let start = reader.mark()
            if let item = item(&reader, caller) {
                items.append(item)
                count += 1
            } else {
                reader.goBack(to: start)
                add(try reader.value(), caller)
            }
        }
    }

    /// An item as nearly all are; nil where its tree is needed.
    private func item(_ reader: inout JSONReader, _ caller: Caller) -> BatchItem? {
        guard let body = try? DecisionBody(&reader, reserves: operation == .reserve) else {
            return nil
        }
        if let request = body.laneRequest(caller) {
            return BatchItem(request, isCheck: operation == .check)
        }
        guard let request = try? body.question(caller) else { return nil }
        return BatchItem(request: request, isCheck: operation == .check)
    }

    /// Adds an item from its tree, which tells what is wrong with it.
    private mutating func add(_ value: JSONValue, _ caller: Caller) {
        do throws(Problem) {
            items.append(try item(value, caller))
        } catch {
            problems[count] = error
        }
        count += 1
    }

    private func item(_ value: JSONValue, _ caller: Caller) throws(Problem) -> BatchItem {
        let body = try DecisionBody(
            value, reserves: operation == .reserve, at: Self.pointer(count))
        let idempotency = body.idempotencyKey.map {
            IdempotencyRequest($0, value, operation: operation.rawValue)
        }
        return BatchItem(
            request: try body.question(caller),
            idempotency: operation == .check ? nil : idempotency,
            isCheck: operation == .check)
    }
}
