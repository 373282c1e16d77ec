extension RESPErrorReply.Code {
    /// Any error without a code of its own.
    public static let generic = Self(rawValue: "ERR")
    /// The script of an EVALSHA is not in the server's cache.
    public static let noScript = Self(rawValue: "NOSCRIPT")
    /// A hash slot is served by another node for good.
    public static let moved = Self(rawValue: "MOVED")
    /// A hash slot is being moved, and another node is to be asked this once.
    public static let ask = Self(rawValue: "ASK")
    /// Some keys of a command are on another node, for as long as their slot is being moved.
    public static let tryAgain = Self(rawValue: "TRYAGAIN")
    /// The cluster does not serve a slot.
    public static let clusterDown = Self(rawValue: "CLUSTERDOWN")
    /// The keys of a command are in more than one slot.
    public static let crossSlot = Self(rawValue: "CROSSSLOT")
    /// A script runs for too long, and nothing else is served.
    public static let busy = Self(rawValue: "BUSY")
    /// The server may not use more memory.
    public static let outOfMemory = Self(rawValue: "OOM")
    /// The server is a replica, or takes no writes.
    public static let readOnly = Self(rawValue: "READONLY")
    /// The server is still reading its data from disk.
    public static let loading = Self(rawValue: "LOADING")
    /// A replica has lost its primary, and serves nothing meanwhile.
    public static let masterDown = Self(rawValue: "MASTERDOWN")
    /// The server could not save its data and takes no writes.
    public static let misconfigured = Self(rawValue: "MISCONF")
    /// Too few replicas are connected for a write.
    public static let noReplicas = Self(rawValue: "NOREPLICAS")
    /// The server wants a password.
    public static let noAuthentication = Self(rawValue: "NOAUTH")
    /// The password or the user's name is wrong.
    public static let wrongPassword = Self(rawValue: "WRONGPASS")
    /// The user may not run this command, or use this key or channel.
    public static let noPermission = Self(rawValue: "NOPERM")
    /// The server does not speak the version of RESP that was asked for.
    public static let noProtocol = Self(rawValue: "NOPROTO")
    /// A key holds another type than the command is for.
    public static let wrongType = Self(rawValue: "WRONGTYPE")

    /// Codes with which a server says that it has executed nothing of a command.
    ///
    /// `BUSY`, `OOM`, `READONLY` and the like may come out of a script as well, but then at its
    /// first write: Redis does not refuse a script's later writes for these reasons.
    static let withoutEffect: Set<Self> = [
        .noScript, .moved, .ask, .tryAgain, .clusterDown, .crossSlot, .busy, .outOfMemory,
        .readOnly, .loading, .masterDown, .misconfigured, .noReplicas, .noAuthentication,
        .wrongPassword, .noPermission, .noProtocol,
    ]
}
