import type { Inspected } from '../../src/model/live/foreign';

/** What IRkernel 1.3.2 (R 4.2.2, Debian 12) said to `inspect_request`s, recorded on 2026-11-22: `patients <- data.frame(email=…)` and others. */
export const INSPECTED: Readonly<Record<string, Inspected>> = {
  patients: {
    text: '# Class attribute:\n[1] "data.frame"\n\n# Printed form:\n  email       age sex seen       ok    note       \n1 a@b.example 34  f   2026-01-02  TRUE two  spaces\n2 c d <x>&    51  m   <NA>       FALSE a|b\\nline  \n3 e@f.example NA  f   2026-03-04    NA ü, "q"     \n\n# Help document:\nNo documentation for ‘patients’ in specified packages and libraries:\nyou could try ‘??patients’\n\n',
    html: '<h1>Class attribute:</h1>\n\'data.frame\'\n\n<h1>Printed form:</h1>\n<table class="dataframe">\n<caption>A data.frame: 3 × 6</caption>\n<thead>\n\t<tr><th scope=col>email</th><th scope=col>age</th><th scope=col>sex</th><th scope=col>seen</th><th scope=col>ok</th><th scope=col>note</th></tr>\n\t<tr><th scope=col>&lt;chr&gt;</th><th scope=col>&lt;dbl&gt;</th><th scope=col>&lt;fct&gt;</th><th scope=col>&lt;date&gt;</th><th scope=col>&lt;lgl&gt;</th><th scope=col>&lt;chr&gt;</th></tr>\n</thead>\n<tbody>\n\t<tr><td>a@b.example</td><td>34</td><td>f</td><td>2026-01-02</td><td> TRUE</td><td>two  spaces</td></tr>\n\t<tr><td><span style=white-space:pre-wrap>c d &lt;x&gt;&amp;   </span></td><td>51</td><td>m</td><td>NA</td><td>FALSE</td><td><span style=white-space:pre-wrap>a|b\nline  </span></td></tr>\n\t<tr><td>e@f.example</td><td>NA</td><td>f</td><td>2026-03-04</td><td>   NA</td><td>ü, "q"     </td></tr>\n</tbody>\n</table>\n\n\n<h1>Help document:</h1>\nNo documentation for ‘patients’ in specified packages and libraries:\nyou could try ‘??patients’\n\n'
  },
  named: {
    text: '# Class attribute:\n[1] "data.frame"\n\n# Printed form:\n       x\nfirst  1\nsecond 2\n\n# Help document:\nNo documentation for ‘named’ in specified packages and libraries:\nyou could try ‘??named’\n\n',
    html: '<h1>Class attribute:</h1>\n\'data.frame\'\n\n<h1>Printed form:</h1>\n<table class="dataframe">\n<caption>A data.frame: 2 × 1</caption>\n<thead>\n\t<tr><th></th><th scope=col>x</th></tr>\n\t<tr><th></th><th scope=col>&lt;int&gt;</th></tr>\n</thead>\n<tbody>\n\t<tr><th scope=row>first</th><td>1</td></tr>\n\t<tr><th scope=row>second</th><td>2</td></tr>\n</tbody>\n</table>\n\n\n<h1>Help document:</h1>\nNo documentation for ‘named’ in specified packages and libraries:\nyou could try ‘??named’\n\n'
  },
  wide: {
    text: '# Class attribute:\n[1] "data.frame"\n\n# Printed form:\n  V1 V2 V3 V4 V5 V6 V7 V8 V9 V10 ⋯ V16 V17 V18 V19 V20 V21 V22 V23 V24 V25\n1 1  4  7  10 13 16 19 22 25 28  ⋯ 46  49  52  55  58  61  64  67  70  73 \n2 2  5  8  11 14 17 20 23 26 29  ⋯ 47  50  53  56  59  62  65  68  71  74 \n3 3  6  9  12 15 18 21 24 27 30  ⋯ 48  51  54  57  60  63  66  69  72  75 \n\n# Help document:\nNo documentation for ‘wide’ in specified packages and libraries:\nyou could try ‘??wide’\n\n',
    html: '<h1>Class attribute:</h1>\n\'data.frame\'\n\n<h1>Printed form:</h1>\n<table class="dataframe">\n<caption>A data.frame: 3 × 25</caption>\n<thead>\n\t<tr><th scope=col>V1</th><th scope=col>V2</th><th scope=col>V3</th><th scope=col>V4</th><th scope=col>V5</th><th scope=col>V6</th><th scope=col>V7</th><th scope=col>V8</th><th scope=col>V9</th><th scope=col>V10</th><th scope=col>⋯</th><th scope=col>V16</th><th scope=col>V17</th><th scope=col>V18</th><th scope=col>V19</th><th scope=col>V20</th><th scope=col>V21</th><th scope=col>V22</th><th scope=col>V23</th><th scope=col>V24</th><th scope=col>V25</th></tr>\n\t<tr><th scope=col>&lt;int&gt;</th><th scope=col>&lt;int&gt;</th><th scope=col>&lt;int&gt;</th><th scope=col>&lt;int&gt;</th><th scope=col>&lt;int&gt;</th><th scope=col>&lt;int&gt;</th><th scope=col>&lt;int&gt;</th><th scope=col>&lt;int&gt;</th><th scope=col>&lt;int&gt;</th><th scope=col>&lt;int&gt;</th><th scope=col>⋯</th><th scope=col>&lt;int&gt;</th><th scope=col>&lt;int&gt;</th><th scope=col>&lt;int&gt;</th><th scope=col>&lt;int&gt;</th><th scope=col>&lt;int&gt;</th><th scope=col>&lt;int&gt;</th><th scope=col>&lt;int&gt;</th><th scope=col>&lt;int&gt;</th><th scope=col>&lt;int&gt;</th><th scope=col>&lt;int&gt;</th></tr>\n</thead>\n<tbody>\n\t<tr><td>1</td><td>4</td><td>7</td><td>10</td><td>13</td><td>16</td><td>19</td><td>22</td><td>25</td><td>28</td><td>⋯</td><td>46</td><td>49</td><td>52</td><td>55</td><td>58</td><td>61</td><td>64</td><td>67</td><td>70</td><td>73</td></tr>\n\t<tr><td>2</td><td>5</td><td>8</td><td>11</td><td>14</td><td>17</td><td>20</td><td>23</td><td>26</td><td>29</td><td>⋯</td><td>47</td><td>50</td><td>53</td><td>56</td><td>59</td><td>62</td><td>65</td><td>68</td><td>71</td><td>74</td></tr>\n\t<tr><td>3</td><td>6</td><td>9</td><td>12</td><td>15</td><td>18</td><td>21</td><td>24</td><td>27</td><td>30</td><td>⋯</td><td>48</td><td>51</td><td>54</td><td>57</td><td>60</td><td>63</td><td>66</td><td>69</td><td>72</td><td>75</td></tr>\n</tbody>\n</table>\n\n\n<h1>Help document:</h1>\nNo documentation for ‘wide’ in specified packages and libraries:\nyou could try ‘??wide’\n\n'
  },
  empty: {
    text: '# Class attribute:\n[1] "data.frame"\n\n# Printed form:\n<0 x 0 matrix>\n\n# Help document:\nNo documentation for ‘empty’ in specified packages and libraries:\nyou could try ‘??empty’\n\n',
    html: "<h1>Class attribute:</h1>\n'data.frame'\n\n<h1>Printed form:</h1>\n\n\n<h1>Help document:</h1>\nNo documentation for ‘empty’ in specified packages and libraries:\nyou could try ‘??empty’\n\n"
  },
  s: {
    text: '# Class attribute:\n[1] "character"\n\n# Printed form:\n[1] "hello"\n\n# Help document:\nNo documentation for ‘s’ in specified packages and libraries:\nyou could try ‘??s’\n\n',
    html: "<h1>Class attribute:</h1>\n'character'\n\n<h1>Printed form:</h1>\n'hello'\n\n<h1>Help document:</h1>\nNo documentation for ‘s’ in specified packages and libraries:\nyou could try ‘??s’\n\n"
  },
  f: {
    text: 'No documentation for ‘f’ in specified packages and libraries:\nyou could try ‘??f’',
    html: 'No documentation for ‘f’ in specified packages and libraries:\nyou could try ‘??f’'
  },
  nothing: {
    text: '# Help document:\nNo documentation for ‘nothing’ in specified packages and libraries:\nyou could try ‘??nothing’\n\n',
    html: '<h1>Help document:</h1>\nNo documentation for ‘nothing’ in specified packages and libraries:\nyou could try ‘??nothing’\n\n'
  }
};

/** What it completed of `.GlobalEnv$`; of nothing it completes nothing, of `c` the 167 names that R itself begins so. */
export const COMPLETED = [
  '.GlobalEnv$.Random.seed',
  '.GlobalEnv$cats',
  '.GlobalEnv$`my var`',
  '.GlobalEnv$patients'
];

/** What bash_kernel 0.10.0 completed of `$p`: to an inspection it says nothing, and to an empty completion it never answers. */
export const COMPLETED_BASH = ['$patients'];
