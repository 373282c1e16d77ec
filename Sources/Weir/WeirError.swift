import QuotaLedger
import QuotaModel
import QuotaNode

/// Why the engine could not do what it was asked.
///
/// A refusal by a limit is not an error but a `Decision`.
public struct WeirError: Error, Hashable, Sendable, CustomStringConvertible {
    /// What kind of error it is; an open set.
    public struct Code: Hashable, Sendable, CustomStringConvertible {
        /// The name, as it stands in logs.
        public let description: String

        /// Another process, or another `Weir` of this one, has the data folder.
        public static let folderInUse = Code(description: "folder_in_use")
        /// The data folder can't be used.
        public static let unusableFolder = Code(description: "unusable_folder")
        /// The engine was closed.
        public static let closed = Code(description: "closed")
        /// The ledger can't be asked for the moment (a full disk, a foreign lock): nothing was
        /// recorded, and it may pass.
        public static let unavailable = Code(description: "unavailable")
        /// The disk has failed: nothing more is decided until the folder is opened again.
        public static let broken = Code(description: "broken")
        /// There is no such thing.
        public static let notFound = Code(description: "not_found")
        /// The id is taken.
        public static let alreadyExists = Code(description: "already_exists")
        /// What is asked contradicts what there is.
        public static let conflict = Code(description: "conflict")
        /// A value that can't be meant; ``WeirError/field`` says which.
        public static let invalid = Code(description: "invalid")
    }

    /// What kind of error it is.
    public let code: Code
    /// What happened and, where there is one, the way out; in one line.
    public let message: String
    /// The value that is wrong, of an `invalid` one: `charges[0].amount`.
    public let field: String?

    init(_ code: Code, _ message: String, field: String? = nil) {
        self.code = code
        self.message = message
        self.field = field
    }

    /// What is wrong, for people.
    public var description: String { message }

    static let closed = WeirError(.closed, "the engine was closed; open the folder again")

    static func invalid(_ field: String, _ detail: String) -> WeirError {
        WeirError(.invalid, "\(field) \(detail)", field: field)
    }

    /// Why a folder could not be opened.
    init(opening folder: String, _ error: LedgerError) {
        switch error.code {
        case .locked:
            self.init(
                .folderInUse,
                "the data folder \(folder) is in use; close what has it open, or take another one")
        case .newerSchema, .unusableFolder: self.init(.unusableFolder, error.message)
        default: self.init(error)
        }
    }

    init(_ error: LedgerError) {
        switch error.code {
        case .closed: self = .closed
        case .broken: self.init(.broken, error.message)
        case .diskFull:
            self.init(.unavailable, "the ledger's disk is full; nothing was recorded")
        default:
            self.init(.unavailable, "the ledger can't be asked: \(error.message)")
        }
    }

    init(_ error: NodeError) {
        switch error {
        case .ledger(let error): self.init(error)
        case .tenantNotFound(let id): self.init(.notFound, "there is no tenant \"\(id.text)\"")
        case .keyNotFound(let id): self.init(.notFound, "there is no key \"\(id.text)\"")
        case .reservationNotFound(let id):
            self.init(.notFound, "there is no reservation \"\(id.text)\"")
        case .notFound(let what): self.init(.notFound, "there is no \(what)")
        case .alreadyExists(let what): self.init(.alreadyExists, "\(what) exists already")
        case .conflict(let detail): self.init(.conflict, detail)
        case .reservationSettled:
            self.init(.conflict, "the reservation was settled before; that outcome stands")
        case .reservationVoided:
            self.init(.conflict, "the reservation was voided before; that outcome stands")
        case .idempotencyKeyReused, .idempotencyKeyInFlight:
            self.init(.conflict, "the idempotency key was used for another request")
        case .invalid(let field, let detail): self = .invalid(Self.swiftName(field), detail)
        case .unknownMeter(let meter, let index):
            self = .invalid(Self.charge(index), "names meter \"\(meter.text)\", which isn't there")
        case .allocationMeter(let meter, let index):
            self = .invalid(
                Self.charge(index),
                "names \"\(meter.text)\", an allocation: it is held with allocate(), not consumed")
        case .meterNotHeld(let meter, let index):
            self = .invalid(
                Self.charge(index), "names \"\(meter.text)\", which the reservation doesn't hold")
        case .chargesTooLarge(let meter, let index):
            self = .invalid(
                "charges[\(index)].amount",
                "makes more than \(Amount.maximum) of \"\(meter.text)\" together")
        case .outOfRange:
            self = .invalid("charges", "would make a counter leave the range of 64 bits")
        case .unknownTimeZone(let name):
            self = .invalid(
                "timeZone",
                "\"\(name)\" is not a name of the IANA database, such as Africa/Lagos")
        case .duplicateLimit(let name, let index):
            self = .invalid("limits[\(index)]", "is \"\(name)\" a second time")
        }
    }

    /// A field as it is called here: `trial.ends_at` is `trial.endsAt`.
    private static func swiftName(_ field: String) -> String {
        let words = field.split(separator: "_")
        return words.dropFirst()
            .reduce(words.first.map(String.init) ?? field) { name, word in
                name + word.prefix(1).uppercased() + word.dropFirst()
            }
    }

    private static func charge(_ index: Int?) -> String {
        index.map { "charges[\($0)].meter" } ?? "meter"
    }
}
