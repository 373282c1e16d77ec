import QuotaEngine
import QuotaLedger
import QuotaModel

/// What records of the same tenant, key, model, meter and leases share; written once in each
/// segment.
struct JournalName: Hashable, Sendable {
    /// A lease, with the account that it is of.
    struct Lease: Hashable, Sendable {
        let sequence: Int64
        let account: AccountKey
    }

    let tenant: TenantID
    let key: APIKeyID
    let model: ModelName?
    let meter: MeterID
    let recording: Meter.Recording
    let leases: [Lease]

    /// By as little as tells most names apart: a lease is of one tenant and one meter.
    func hash(into hasher: inout Hasher) {
        hasher.combine(key)
        hasher.combine(model)
        if let lease = leases.first {
            hasher.combine(lease.sequence)
        } else {
            hasher.combine(tenant)
            hasher.combine(meter)
        }
    }

    /// The name as it is written.
    var bytes: [UInt8] {
        var writer = ByteWriter()
        Self.begin(
            &writer, tenant: tenant, key: key, model: model, meter: meter, recording: recording)
        for lease in leases { Self.add(lease: lease.sequence, of: lease.account, to: &writer) }
        return writer.bytes
    }

    /// Writes a name without its leases, which follow.
    static func begin(
        _ writer: inout ByteWriter,
        tenant: TenantID,
        key: APIKeyID,
        model: ModelName?,
        meter: MeterID,
        recording: Meter.Recording
    ) {
        writer.add(tenant.text)
        writer.add(key.text)
        writer.add(model?.text ?? "")
        writer.add(meter.text)
        writer.add(recording.rawValue)
    }

    /// Writes one of a name's leases.
    static func add(lease: Int64, of account: AccountKey, to writer: inout ByteWriter) {
        writer.add(lease)
        writer.add(account.tenant.text)
        writer.add(account.limit.text)
    }

    /// Writes a lease of a key's account, whose name ends with `end`.
    static func add(
        lease: Int64,
        of tenant: TenantID,
        key: APIKeyID,
        _ end: String,
        to writer: inout ByteWriter
    ) {
        writer.add(lease)
        writer.add(tenant.text)
        let (start, middle) = (CompiledLimit.keyNameStart, CompiledLimit.keyNameEnd)
        writer.add(
            UInt32(start.utf8.count + key.text.utf8.count + middle.utf8.count + end.utf8.count))
        writer.add(piece: start)
        writer.add(piece: key.text)
        writer.add(piece: middle)
        writer.add(piece: end)
    }

    init(
        tenant: TenantID,
        key: APIKeyID,
        model: ModelName?,
        meter: MeterID,
        recording: Meter.Recording,
        leases: [Lease]
    ) {
        self.tenant = tenant
        self.key = key
        self.model = model
        self.meter = meter
        self.recording = recording
        self.leases = leases
    }

    /// Reads a name; nil when the bytes are none.
    init?(_ bytes: UnsafeRawBufferPointer) {
        var reader = ByteReader(bytes)
        guard let tenant = reader.text(), let key = reader.text(), let model = reader.text(),
            let meter = reader.text(), let recording = reader.text(),
            let recording = Meter.Recording(rawValue: recording)
        else { return nil }
        var leases: [Lease] = []
        while !reader.isAtEnd {
            guard let sequence = reader.number(Int64.self), let owner = reader.text(),
                let limit = reader.text()
            else { return nil }
            leases.append(
                Lease(
                    sequence: sequence,
                    account: AccountKey(tenant: TenantID(trusted: owner), limit: limit)))
        }
        self.init(
            tenant: TenantID(trusted: tenant), key: APIKeyID(trusted: key),
            model: model.isEmpty ? nil : ModelName(trusted: model),
            meter: MeterID(trusted: meter), recording: recording, leases: leases)
    }
}
