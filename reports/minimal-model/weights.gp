# SPDX-License-Identifier: MIT
# The weights of three runs against the step: figures 5d to 5f. gnuplot -e "output='FOLDER'"
set terminal pngcairo size 1350,1080 font 'sans,16' background '#ffffff'
set output output.'/weights.png'
set datafile separator ','
set multiplot layout 3,1
set key outside right top
set xrange [0:1000]
set yrange [-4:4]
set ylabel 'weight'
set style line 1 lc rgb '#0072b2' pt 7 ps 0.35
set style line 2 lc rgb '#d55e00' pt 7 ps 0.35
set style line 3 lc rgb '#009e73' pt 7 ps 0.35
set style line 4 lc rgb '#cc79a7' pt 7 ps 0.35
do for [f in "plus minus neither"] {
    set title f eq 'plus' ? 'towards P+: w1 = w2, v1 = v2' : f eq 'minus' ? 'towards P−: w1 = −w2, v1 = −v2' : 'towards neither'
    if (f eq 'neither') { set xlabel 'step' }
    plot for [i=2:5] output.'/weights-'.f.'.csv' skip 1 using 1:i with points ls i-1 title word('w1 w2 v1 v2', i-1)
}
