import QuotaEngine
import QuotaLedger
import QuotaModel

/// What is known of a tenant, in a few bytes: as long as its requests are decided on lanes, nobody
/// needs more of it than lies in the cells.
///
/// Numbers are written as LEB128, signed ones folded (ZigZag), and as differences from what they
/// mostly are. Only what quiet tenants have can be packed; see ``PackedTables/pack(_:of:epoch:)``.
struct PackedState: Hashable, Sendable {
    /// When leases have to be looked at, on the steady clock: the first of them is over then.
    let attentionAt: Timestamp
    fileprivate let bytes: [UInt8]
}

/// Packs and unpacks what is known of tenants, with what they have in common kept once.
struct PackedTables: Sendable {
    private let holder: Holder
    /// Names of limits, without the keys in them.
    private var names = InternTable<ExactString>()
    private var periods = InternTable<Period>()
    private var rates = InternTable<TokenBucket.Rate>()

    init(holder: Holder) { self.holder = holder }

    /// How many things packed tenants have in common.
    var count: Int { names.count + periods.count + rates.count }

    /// Packs what is known of a tenant.
    ///
    /// - Parameters:
    ///   - state: what is known.
    ///   - tenant: whose it is.
    ///   - epoch: of all its leases.
    /// - Returns: nil when it has something that is not packed: reservations, a draw under way, an
    ///   organization, leases that need to be looked at.
    mutating func pack(
        _ state: TenantStates.State,
        of tenant: TenantID,
        epoch: Int64
    ) -> PackedState? {
        guard state.organization == nil, state.holds.isEmpty, state.draw == nil else { return nil }
        var attentionAt = Timestamp.distantFuture
        for (key, account) in state.accounts {
            guard isPackable(account, key, of: tenant) else { return nil }
            for lease in account.leases {
                guard lease.epoch == epoch else { return nil }
                attentionAt = min(attentionAt, lease.endsAt)
            }
        }
        guard state.buckets.keys.allSatisfy({ $0.tenant == tenant }) else { return nil }
        var writer = PackedWriter()
        writer.add(state.accounts.count)
        for (key, account) in state.accounts {
            add(key.limit, to: &writer)
            writer.turn(to: account.seenAt)
            add(account, to: &writer)
        }
        writer.add(state.buckets.count)
        for (key, bucket) in state.buckets {
            add(key.limit, to: &writer)
            writer.add(Int(rates.take(bucket.rate)))
            writer.turn(to: bucket.bucket.updatedAt)
            writer.add(bucket.bucket.missing)
        }
        return PackedState(attentionAt: attentionAt, bytes: writer.exactBytes)
    }

    /// What was packed; it can be asked for again.
    func state(_ packed: PackedState, of tenant: TenantID) -> TenantStates.State {
        read(packed, of: tenant).state
    }

    /// What was packed, which is not kept packed any more.
    mutating func unpack(_ packed: PackedState, of tenant: TenantID) -> TenantStates.State {
        let read = read(packed, of: tenant)
        for name in read.names { names.leave(name) }
        for period in read.periods { periods.leave(period) }
        for rate in read.rates { rates.leave(rate) }
        return read.state
    }

    private struct Read {
        var state = TenantStates.State()
        var names: [Int32] = []
        var periods: [Int32] = []
        var rates: [Int32] = []
    }

    private func read(_ packed: PackedState, of tenant: TenantID) -> Read {
        var read = Read()
        var reader = PackedReader(packed.bytes)
        for _ in 0..<reader.count() {
            let key = AccountKey(tenant: tenant, limit: name(&reader, &read).text)
            let seenAt = reader.turn()
            read.state.accounts[key] = account(key, seenAt: seenAt, &reader, &read)
        }
        for _ in 0..<reader.count() {
            let key = AccountKey(tenant: tenant, limit: name(&reader, &read).text)
            let rate = Int32(reader.count())
            read.rates.append(rate)
            let updatedAt = reader.turn()
            let bucket = TokenBucket(missing: reader.wide(), updatedAt: updatedAt)
            read.state.buckets[key] = RateBucket(bucket: bucket, rate: rates[rate])
        }
        return read
    }

    // MARK: Names

    private static let keyStart = CompiledLimit.keyNameStart
    private static let keyEnd = CompiledLimit.keyNameEnd

    /// The name of a limit is kept once, but for the key that it may begin with.
    private mutating func add(_ name: ExactString, to writer: inout PackedWriter) {
        let text = name.text
        guard text.hasPrefix(Self.keyStart),
            let end = text.utf8.lastIndex(of: UInt8(ascii: ")")),
            text[end...].hasPrefix(Self.keyEnd)
        else {
            writer.add(Int(names.take(name)) << 1)
            return
        }
        let rest = String(text[end...].dropFirst(Self.keyEnd.count))
        writer.add(Int(names.take(ExactString(rest))) << 1 | 1)
        let key = text.utf8[..<end].dropFirst(Self.keyStart.utf8.count)
        writer.add(key.count)
        writer.add(bytes: key)
    }

    private func name(_ reader: inout PackedReader, _ read: inout Read) -> ExactString {
        let number = reader.count()
        read.names.append(Int32(number >> 1))
        let kept = names[Int32(number >> 1)]
        if number & 1 == 0 { return kept }
        let key = reader.text()
        return ExactString(Self.keyStart + key + Self.keyEnd + kept.text)
    }

    // MARK: Accounts

    private func isPackable(
        _ account: LeasedAccount,
        _ key: AccountKey,
        of tenant: TenantID
    ) -> Bool {
        if key.tenant != tenant || !account.leases.allSatisfy({ isPackable($0) }) { return false }
        guard let snapshot = account.snapshot else { return true }
        return snapshot.tenant == tenant && snapshot.key == key
            && snapshot.leases.allSatisfy { isOwn($0.id) }
            && account.leases.allSatisfy { $0.period.start >= snapshot.period.start }
    }

    private func isPackable(_ lease: HeldLease) -> Bool {
        isOwn(lease.id) && !lease.isRecalled && !lease.isReturnUnsent
    }

    private func isOwn(_ id: GrantID) -> Bool {
        id.holder == holder.name && id.incarnation == holder.incarnation
    }

    /// What an account is, one bit each.
    private struct Flags: OptionSet {
        let rawValue: Int
        static let snapshot = Flags(rawValue: 1)
        static let refusal = Flags(rawValue: 2)
        static let debt = Flags(rawValue: 4)
        static let unlimited = Flags(rawValue: 8)
        static let endless = Flags(rawValue: 16)
    }

    private mutating func add(_ known: LeasedAccount, to writer: inout PackedWriter) {
        var flags: Flags = []
        if known.snapshot != nil { flags.insert(.snapshot) }
        if known.refusal != nil { flags.insert(.refusal) }
        if known.isInDebt { flags.insert(.debt) }
        if known.snapshot?.account.isUnlimited == true { flags.insert(.unlimited) }
        if known.endsAt == .distantFuture { flags.insert(.endless) }
        writer.add(flags.rawValue)
        writer.add(known.drawnAt, after: known.seenAt)
        writer.add(known.wanted)
        if let refusal = known.refusal {
            writer.add(refusal.amount)
            writer.add(refusal.version)
            writer.add(refusal.revision)
            writer.add(refusal.until, after: known.seenAt)
            writer.add(refusal.growth)
        }
        if let snapshot = known.snapshot {
            writer.add(Int(periods.take(snapshot.period)))
            writer.add(snapshot.at, after: known.seenAt)
        }
        let end = known.expectedEnd
        if !flags.contains(.endless) { writer.add(known.endsAt, after: end) }
        writer.add(known.leases.count)
        for lease in known.leases { add(lease, known, to: &writer) }
        if let snapshot = known.snapshot { add(snapshot, known, to: &writer) }
    }

    private func account(
        _ key: AccountKey,
        seenAt: Timestamp,
        _ reader: inout PackedReader,
        _ read: inout Read
    ) -> LeasedAccount {
        let flags = Flags(rawValue: reader.count())
        var known = LeasedAccount()
        known.seenAt = seenAt
        known.drawnAt = reader.timestamp(after: seenAt)
        known.wanted = reader.signed()
        known.isInDebt = flags.contains(.debt)
        if flags.contains(.refusal) {
            known.refusal = RememberedRefusal(
                amount: reader.signed(), version: reader.signed(), revision: reader.signed(),
                until: reader.timestamp(after: seenAt), growth: reader.signed())
        }
        var (period, at) = (Period.lifetime, Timestamp.distantPast)
        if flags.contains(.snapshot) {
            let number = Int32(reader.count())
            read.periods.append(number)
            (period, at) = (periods[number], reader.timestamp(after: seenAt))
            known.snapshot = .unread(key, period, at: at)
        }
        let end = known.expectedEnd
        known.endsAt = flags.contains(.endless) ? .distantFuture : reader.timestamp(after: end)
        known.leases = (0..<reader.count()).map { _ in lease(known, &reader, &read) }
        if flags.contains(.snapshot) {
            known.snapshot = snapshot(key, known, flags, period, at: at, &reader)
        }
        return known
    }

    private mutating func add(
        _ snapshot: AccountSnapshot,
        _ known: LeasedAccount,
        to writer: inout PackedWriter
    ) {
        let account = snapshot.account
        writer.add(snapshot.order)
        writer.add(account.state == .open ? 0 : account.state == .closing ? 1 : 2)
        writer.add(account.capacity)
        writer.add(account.escrowed)
        writer.add(account.suspect)
        writer.add(account.posted)
        // What the others leave of the capacity, by the invariant of accounts.
        writer.add(
            account.available &- account.capacity &+ account.escrowed &+ account.suspect
                &+ account.posted)
        writer.add(account.extra)
        writer.add(account.limitRevision &- (known.leases.last?.revision ?? 0))
        writer.add(account.version)
        writer.add(snapshot.leases.count)
        for grant in snapshot.leases {
            // Mostly the ledger told of it when it made it.
            if let place = known.leases.firstIndex(where: { $0.id == grant.id }),
                grant == Grant(id: grant.id, size: known.leases[place].size)
            {
                writer.add(place + 1)
                continue
            }
            writer.add(0)
            writer.add(grant.id.sequence)
            writer.add(grant.size)
            writer.add(grant.posted)
            writer.add(grant.returned)
            writer.add(grant.carved)
            writer.add(grant.overage)
            writer.add(grant.state == .open ? 0 : grant.state == .suspect ? 1 : 2)
        }
    }

    private func snapshot(
        _ key: AccountKey,
        _ known: LeasedAccount,
        _ flags: Flags,
        _ period: Period,
        at: Timestamp,
        _ reader: inout PackedReader
    ) -> AccountSnapshot {
        let order = reader.signed()
        let state = [Account.State.open, .closing, .closed][reader.count()]
        let (capacity, escrowed) = (reader.signed(), reader.signed())
        let (suspect, posted) = (reader.signed(), reader.signed())
        let available =
            reader.signed() &+ capacity &- escrowed &- suspect &- posted
        let extra = reader.signed()
        let limitRevision = reader.signed() &+ (known.leases.last?.revision ?? 0)
        let version = reader.signed()
        let leases = (0..<reader.count())
            .map { _ in
                let place = reader.count()
                if place > 0 {
                    let lease = known.leases[place - 1]
                    return Grant(id: lease.id, size: lease.size)
                }
                return Grant(
                    id: id(reader.signed()), size: reader.signed(), posted: reader.signed(),
                    returned: reader.signed(), carved: reader.signed(), overage: reader.signed(),
                    state: [.open, .suspect, .closed][reader.count()])
            }
        return AccountSnapshot(
            tenant: key.tenant, key: key, period: period,
            account: Account(
                capacity: capacity, available: available, escrowed: escrowed, suspect: suspect,
                posted: posted, isUnlimited: flags.contains(.unlimited), state: state,
                limitRevision: limitRevision, version: version, extra: extra),
            leases: leases, at: at, order: order)
    }

    // MARK: Leases

    private struct LeaseFlags: OptionSet {
        let rawValue: Int
        static let closed = LeaseFlags(rawValue: 1)
        static let folded = LeaseFlags(rawValue: 2)
        /// Whether anything else than use has happened.
        static let eventful = LeaseFlags(rawValue: 4)
        /// Whether its period is the one that the ledger told of, and ends when that ends.
        static let current = LeaseFlags(rawValue: 8)
    }

    private mutating func add(
        _ lease: HeldLease,
        _ known: LeasedAccount,
        to writer: inout PackedWriter
    ) {
        let events = [
            lease.overage, lease.foldedOverage, lease.held, lease.returned, lease.moved,
            lease.returnedBefore,
        ]
        var flags: LeaseFlags = []
        if lease.isClosed { flags.insert(.closed) }
        if lease.isFolded { flags.insert(.folded) }
        if events.contains(where: { $0 != 0 }) { flags.insert(.eventful) }
        if lease.endsAt == known.endsAt, lease.period == known.snapshot?.period {
            flags.insert(.current)
        }
        writer.add(flags.rawValue)
        writer.add(lease.id.sequence)
        writer.add(lease.size)
        writer.add(lease.revision)
        if !flags.contains(.current) {
            writer.add(Int(periods.take(lease.period)))
            writer.add(lease.endsAt.nanoseconds)
        }
        writer.add(lease.epoch)
        writer.add(lease.used)
        writer.add(lease.usedAt, after: known.seenAt)
        if flags.contains(.eventful) { for event in events { writer.add(event) } }
    }

    private func lease(
        _ known: LeasedAccount,
        _ reader: inout PackedReader,
        _ read: inout Read
    ) -> HeldLease {
        let flags = LeaseFlags(rawValue: reader.count())
        let (sequence, size, revision) = (reader.signed(), reader.signed(), reader.signed())
        var (period, endsAt) = (known.snapshot?.period ?? .lifetime, known.endsAt)
        if !flags.contains(.current) {
            let number = Int32(reader.count())
            read.periods.append(number)
            (period, endsAt) = (periods[number], Timestamp(nanoseconds: reader.signed()))
        }
        var lease = HeldLease(
            id: id(sequence), size: size, revision: revision, period: period, endsAt: endsAt,
            epoch: reader.signed())
        lease.used = reader.signed()
        lease.usedAt = reader.timestamp(after: known.seenAt)
        if flags.contains(.eventful) {
            (lease.overage, lease.foldedOverage) = (reader.signed(), reader.signed())
            (lease.held, lease.returned) = (reader.signed(), reader.signed())
            (lease.moved, lease.returnedBefore) = (reader.signed(), reader.signed())
        }
        lease.isClosed = flags.contains(.closed)
        lease.isFolded = flags.contains(.folded)
        return lease
    }

    private func id(_ sequence: Int64) -> GrantID {
        GrantID(holder: holder.name, incarnation: holder.incarnation, sequence: sequence)
    }
}

extension LeasedAccount {
    /// When the period ends on the steady clock, had the ledger been asked when it answered.
    fileprivate var expectedEnd: Timestamp { snapshot?.end(sentAt: seenAt) ?? seenAt }
}

extension AccountSnapshot {
    /// A snapshot of which only the period is known.
    fileprivate static func unread(
        _ key: AccountKey,
        _ period: Period,
        at: Timestamp
    ) -> AccountSnapshot {
        AccountSnapshot(
            tenant: key.tenant, key: key, period: period,
            account: Account(quantity: nil, limitRevision: 0), leases: [], at: at, order: 0)
    }
}

/// Writes numbers in as few bytes as they need.
private struct PackedWriter {
    private var bytes: [UInt8] = []
    private var instant = Timestamp(nanoseconds: 0)

    init() { bytes.reserveCapacity(256) }

    /// What was written, in no more memory than that.
    var exactBytes: [UInt8] {
        [UInt8](unsafeUninitializedCapacity: bytes.count) { room, count in
            count = bytes.count
            _ = room.initialize(from: bytes)
        }
    }

    /// Adds an instant near the one that was added last in this way.
    mutating func turn(to next: Timestamp) {
        add(next, after: instant)
        instant = next
    }

    /// Adds a number that is not negative.
    mutating func add(_ count: Int) { add(magnitude: UInt128(count)) }

    mutating func add(_ number: Int64) { add(Int128(number)) }

    mutating func add(_ number: Int128) {
        add(magnitude: UInt128(bitPattern: number << 1 ^ number >> 127))
    }

    /// Adds an instant near another one.
    mutating func add(_ instant: Timestamp, after other: Timestamp) {
        add(instant.nanoseconds &- other.nanoseconds)
    }

    mutating func add(bytes more: some Sequence<UInt8>) { bytes.append(contentsOf: more) }

    private mutating func add(magnitude: UInt128) {
        var rest = magnitude
        while rest >= 0x80 {
            bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
            rest >>= 7
        }
        bytes.append(UInt8(truncatingIfNeeded: rest))
    }
}

/// Reads what ``PackedWriter`` wrote.
private struct PackedReader {
    private let bytes: [UInt8]
    private var place = 0
    private var instant = Timestamp(nanoseconds: 0)

    init(_ bytes: [UInt8]) { self.bytes = bytes }

    mutating func turn() -> Timestamp {
        instant = timestamp(after: instant)
        return instant
    }

    mutating func count() -> Int { Int(magnitude()) }

    mutating func signed() -> Int64 { Int64(wide()) }

    mutating func wide() -> Int128 {
        let magnitude = magnitude()
        return Int128(bitPattern: magnitude >> 1) ^ -Int128(bitPattern: magnitude & 1)
    }

    mutating func timestamp(after other: Timestamp) -> Timestamp {
        Timestamp(nanoseconds: signed() &+ other.nanoseconds)
    }

    mutating func text() -> String {
        let count = count()
        defer { place += count }
        return String(decoding: bytes[place..<place + count], as: UTF8.self)
    }

    private mutating func magnitude() -> UInt128 {
        var (number, shift) = (UInt128(0), 0)
        while true {
            let byte = bytes[place]
            place += 1
            number |= UInt128(byte & 0x7F) << UInt128(shift)
            if byte < 0x80 { return number }
            shift += 7
        }
    }
}
