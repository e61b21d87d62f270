// What the panel's build adds to JupyterLab's. The sheets are loaded with the page, so they are written small; and what two of the panel's chunks need
// is a chunk of its own from 2 kB on, else it would stand in both.
module.exports = {
  module: {
    rules: [
      { test: /\.css$/, enforce: 'pre', loader: 'builtin:lightningcss-loader', options: { minify: true } }
    ]
  },
  optimization: { splitChunks: { minSize: 2000 } }
};
