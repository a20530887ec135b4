/// Which inputs lie under each of fewer (or more) outputs along one axis, and how much of them.
struct CoverageAxis: Sendable {
    /// The inputs of one output.
    struct Cover: Sendable {
        /// Inputs that lie wholly inside.
        let whole: Range<Int>
        /// Inputs that are shared with a neighbour, with their shares in (0, 1).
        let edges: [(input: Int, weight: Double)]
    }

    let inputCount: Int
    let outputCount: Int
    let covers: [Cover]
    private let sharesOfInputs: [[(output: Int, weight: Double)]]

    /// Inputs under one output, as a fraction.
    var span: Double { Double(inputCount) / Double(outputCount) }

    init(inputCount: Int, outputCount: Int) {
        self.inputCount = inputCount
        self.outputCount = outputCount
        var covers: [Cover] = []
        var shares = [[(output: Int, weight: Double)]](repeating: [], count: inputCount)
        for output in 0..<outputCount {
            // In units of 1 / outputCount of an input, exactly.
            let (begin, end) = (output * inputCount, (output + 1) * inputCount)
            let (first, last) = (begin / outputCount, (end - 1) / outputCount)
            var edges: [(input: Int, weight: Double)] = []
            var whole: Range<Int>?
            for input in first...last {
                let covered = min(end, (input + 1) * outputCount) - max(begin, input * outputCount)
                let weight = Double(covered) / Double(outputCount)
                shares[input].append((output, weight))
                if covered == outputCount {
                    whole = (whole?.lowerBound ?? input)..<(input + 1)
                } else {
                    edges.append((input, weight))
                }
            }
            covers.append(Cover(whole: whole ?? first..<first, edges: edges))
        }
        self.covers = covers
        sharesOfInputs = shares
    }

    /// The outputs that an input lies under, with its shares.
    func shares(of input: Int) -> [(output: Int, weight: Double)] { sharesOfInputs[input] }
}
