import QuotaLedger
import QuotaModel

/// What an entry has that few entries have: it follows the record of the entry's first meter.
struct JournalAnnex: Hashable, Sendable {
    var id: String?
    var metadata: String?
    var idempotencyKey: ExactString?
    var answer: IdempotencyRecord?
    var rates: [Reservation.HeldRate] = []
    var note: String?

    private enum Tag: UInt8 {
        case id = 1
        case metadata
        case idempotencyKey
        case answer
        case rate
        case note
    }

    var bytes: [UInt8] {
        var writer = ByteWriter()
        if let id { writer.add(Tag.id, id) }
        if let metadata { writer.add(Tag.metadata, metadata) }
        if let idempotencyKey { writer.add(Tag.idempotencyKey, idempotencyKey.text) }
        if let answer {
            writer.add(Tag.answer.rawValue)
            writer.add(answer.id.tenant.text)
            writer.add(answer.id.key.text)
            writer.add(answer.fingerprint)
            writer.add(Int64(answer.answer.status))
            writer.add(UInt32(answer.answer.headers.count))
            for (name, value) in answer.answer.headers.sorted(by: { $0.key < $1.key }) {
                writer.add(name)
                writer.add(value)
            }
            writer.add(answer.answer.body)
            writer.add(answer.createdAt.nanoseconds)
        }
        if let note { writer.add(Tag.note, note) }
        for rate in rates {
            writer.add(Tag.rate, rate.limit)
            writer.add(rate.meter.text)
            writer.add(rate.quantity)
            writer.add(rate.burst)
            writer.add(rate.windowNanoseconds)
        }
        return writer.bytes
    }

    init() {}

    /// Reads an annex; nil when the bytes are none.
    init?(_ bytes: UnsafeRawBufferPointer) {
        var reader = ByteReader(bytes)
        while !reader.isAtEnd {
            guard let tag = reader.number(UInt8.self).flatMap(Tag.init),
                read(tag, &reader)
            else { return nil }
        }
    }

    private mutating func read(_ tag: Tag, _ reader: inout ByteReader) -> Bool {
        switch tag {
        case .id: id = reader.text()
        case .metadata: metadata = reader.text()
        case .note:
            note = reader.text()
            return note != nil
        case .idempotencyKey: idempotencyKey = reader.text().map(ExactString.init)
        case .answer:
            answer = Self.answer(&reader)
            return answer != nil
        case .rate:
            guard let limit = reader.text(), let meter = reader.text(),
                let quantity = reader.number(Int64.self), let burst = reader.number(Int64.self),
                let window = reader.number(Int64.self)
            else { return false }
            rates.append(
                Reservation.HeldRate(
                    limit: limit, meter: MeterID(trusted: meter), quantity: quantity,
                    burst: burst, windowNanoseconds: window))
        }
        return true
    }

    private static func answer(_ reader: inout ByteReader) -> IdempotencyRecord? {
        guard let tenant = reader.text(), let key = reader.text(),
            let fingerprint = reader.block(), let status = reader.number(Int64.self),
            let count = reader.number(UInt32.self)
        else { return nil }
        var headers: [String: String] = [:]
        for _ in 0..<count {
            guard let name = reader.text(), let value = reader.text() else { return nil }
            headers[name] = value
        }
        guard let body = reader.block(), let createdAt = reader.number(Int64.self) else {
            return nil
        }
        return IdempotencyRecord(
            id: IdempotencyID(tenant: TenantID(trusted: tenant), key: ExactString(key)),
            fingerprint: fingerprint,
            answer: StoredAnswer(status: Int(status), headers: headers, body: body),
            createdAt: Timestamp(nanoseconds: createdAt))
    }
}

extension ByteWriter {
    fileprivate mutating func add(_ tag: some RawRepresentable<UInt8>, _ text: String) {
        add(tag.rawValue)
        add(text)
    }
}
