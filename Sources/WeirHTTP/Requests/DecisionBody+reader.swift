import NIOCore
import QuotaModel
import QuotaNode
import StrictJSON

extension DecisionBody {
    private enum Member: Int, JSONMemberName {
        case tenant
        case charges
        case model
        case key
        case plan
        case metadata
        case idempotencyKey
        case ttl
        case onExpiry

        var name: StaticString {
            switch self {
            case .tenant: "tenant"
            case .charges: "charges"
            case .model: "model"
            case .key: "key"
            case .plan: "plan"
            case .metadata: "metadata"
            case .idempotencyKey: "idempotency_key"
            case .ttl: "ttl_ms"
            case .onExpiry: "on_expiry"
            }
        }
    }

    private enum ChargeMember: Int, JSONMemberName {
        case meter
        case amount

        var name: StaticString {
            switch self {
            case .meter: "meter"
            case .amount: "amount"
            }
        }
    }

    /// The body of a check, of which the fingerprint is not asked.
    init(_ bytes: ByteBuffer) throws(Problem) {
        if let common = Self(common: bytes, reserves: false) {
            self = common
        } else {
            try self.init(APIRequest.json(bytes), reserves: false)
        }
    }

    /// The body that a whole document is, read without a tree; nil where the tree is needed.
    init?(common bytes: ByteBuffer, reserves: Bool) {
        let body = bytes.withUnsafeReadableBytes { bytes -> DecisionBody? in
            var reader = JSONReader(bytes.assumingMemoryBound(to: UInt8.self))
            guard let body = try? DecisionBody(&reader, reserves: reserves) else { return nil }
            do throws(JSONReader.Refusal) { try reader.end() } catch { return nil }
            return body
        }
        guard let body else { return nil }
        self = body
    }

    /// Reads the body that stands next in a document, if it is one as nearly all are.
    ///
    /// - Throws: a refusal of everything that is wrong, whatever it is, and of a body with an
    ///   idempotency key, which needs the tree for its fingerprint. Then the tree is to be read, so
    ///   that what is wrong is said in one place.
    init(_ reader: inout JSONReader, reserves: Bool) throws(JSONReader.Refusal) {
        pointer = .root
        var charges: ChargeList?
        var ttl: Int64?
        var onExpiry: Reservation.OnExpiry?
        var body = try reader.beginObject()
        while let member: Member = try reader.nextMember(of: &body) {
            switch member {
            case .tenant: tenant = try reader.identifier()
            case .charges: charges = try Self.charges(&reader)
            case .model: model = try reader.identifier()
            case .key: key = try reader.identifier()
            case .plan: plan = try reader.identifier()?.canonical
            case .metadata: metadata = try reader.metadata()
            case .idempotencyKey:
                guard try reader.null() else { throw JSONReader.Refusal() }
            case .ttl:
                guard reserves else { throw JSONReader.Refusal() }
                ttl = try reader.integer(in: 1...Reservation.maximumTTLMilliseconds)
            case .onExpiry:
                guard reserves else { throw JSONReader.Refusal() }
                onExpiry = try reader.onExpiry()
            }
        }
        list = charges ?? Self.defaultCharges
        if reserves { hold = Self.hold(ttl: ttl, onExpiry) }
    }

    private static func charges(
        _ reader: inout JSONReader
    ) throws(JSONReader.Refusal) -> ChargeList? {
        if try reader.null() { return nil }
        var array = try reader.beginArray()
        guard try reader.nextElement(of: &array) else { throw JSONReader.Refusal() }
        var charges = ChargeList(try charge(&reader))
        while try reader.nextElement(of: &array) {
            guard charges.count < maximumCharges else { throw JSONReader.Refusal() }
            charges.append(try charge(&reader))
        }
        return charges
    }

    private static func charge(_ reader: inout JSONReader) throws(JSONReader.Refusal) -> Charge {
        var meter: MeterID?
        var amount: Int64?
        var charge = try reader.beginObject()
        while let member: ChargeMember = try reader.nextMember(of: &charge) {
            switch member {
            case .meter: meter = try reader.identifier()
            case .amount: amount = try reader.integer(in: 1...Amount.maximum)
            }
        }
        guard let meter, let amount else { throw JSONReader.Refusal() }
        return Charge(meter: meter, amount: amount)
    }
}

extension JSONReader {
    fileprivate mutating func identifier<Subject>() throws(Refusal) -> Identifier<Subject>? {
        if try null() { return nil }
        guard let identifier = try? Identifier<Subject>(try string()) else { throw Refusal() }
        return identifier
    }

    fileprivate mutating func integer(
        in range: ClosedRange<Int64>
    ) throws(Refusal) -> Int64? {
        if try null() { return nil }
        let integer = try integer()
        guard range.contains(integer) else { throw Refusal() }
        return integer
    }

    fileprivate mutating func onExpiry() throws(Refusal) -> Reservation.OnExpiry? {
        if try null() { return nil }
        guard let onExpiry = Reservation.OnExpiry(rawValue: try string()) else { throw Refusal() }
        return onExpiry
    }

    fileprivate mutating func metadata() throws(Refusal) -> String? {
        if try null() { return nil }
        let value = try value()
        guard value.objectValue != nil else { throw Refusal() }
        return DecisionBody.text(ofMetadata: value)
    }
}
