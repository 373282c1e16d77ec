/// The members of a JSON object, in the order in which they were written.
///
/// Names are compared by their UTF-8 bytes: `é` as one scalar and as two are different names.
public struct JSONObject: Sendable, Equatable {
    /// A name and its value.
    public struct Member: Sendable, Equatable {
        /// The name, unescaped.
        public let name: String
        /// The value.
        public let value: JSONValue

        /// Creates a member.
        public init(name: String, value: JSONValue) {
            self.name = name
            self.value = value
        }

        /// Whether name and value are the same, byte by byte.
        public static func == (left: Member, right: Member) -> Bool {
            left.name.hasSameBytes(as: right.name) && left.value == right.value
        }
    }

    /// The members in order, no name twice.
    public private(set) var members: [Member]

    /// An object without members.
    public init() {
        members = []
    }

    init(uniqueMembers: [Member]) {
        members = uniqueMembers
    }

    /// The value of a member, or nil when there is none; setting nil removes the member.
    ///
    /// Looks at one member after the other: objects in requests are small.
    public subscript(name: String) -> JSONValue? {
        get {
            members.first { $0.name.hasSameBytes(as: name) }?.value
        }
        set {
            let index = members.firstIndex { $0.name.hasSameBytes(as: name) }
            switch (index, newValue) {
            case (let index?, let value?): members[index] = Member(name: name, value: value)
            case (let index?, nil): members.remove(at: index)
            case (nil, let value?): members.append(Member(name: name, value: value))
            case (nil, nil): break
            }
        }
    }
}
