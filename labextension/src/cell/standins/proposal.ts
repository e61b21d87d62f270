/** In a cell's output, in place of components/proposal: changes to a notebook are made in the panel; here they are the code they came as. */
export { CodeBlock as ProposalBlock } from '../../components/markdown/CodeBlock';
