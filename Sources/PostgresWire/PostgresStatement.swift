/// A statement with the values of its parameters.
///
/// Values never become part of the text: it is fixed by the program, or made by it of fixed parts,
/// with `$1`, `$2` … for the parameters.
package struct PostgresStatement {
    let text: String
    let types: [UInt32]
    let parameters: PostgresParameters

    /// A statement; there are as many types as parameters.
    package init(
        _ text: String,
        types: [PostgresType] = [],
        _ parameters: PostgresParameters = PostgresParameters()
    ) {
        self.text = text
        self.types = types.map(\.rawValue)
        self.parameters = parameters
    }

    /// A statement whose parameters are arrays.
    package init(_ text: String, arraysOf types: [PostgresType], _ parameters: PostgresParameters) {
        self.text = text
        self.types = types.map(\.array)
        self.parameters = parameters
    }
}
