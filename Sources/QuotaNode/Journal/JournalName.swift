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

    /// The name as it is written.
    var bytes: [UInt8] {
        var writer = ByteWriter()
        writer.add(tenant.text)
        writer.add(key.text)
        writer.add(model?.text ?? "")
        writer.add(meter.text)
        writer.add(recording.rawValue)
        for lease in leases {
            writer.add(lease.sequence)
            writer.add(lease.account.tenant.text)
            writer.add(lease.account.limit.text)
        }
        return writer.bytes
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
